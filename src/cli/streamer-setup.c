/* streamer-setup.c: what the command line, the environment and the settings come to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-setup.h"

#include <unistd.h>

#include "streamer-connection-record.h"
#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-secret-input.h"

/* Begins the id of a connection that is not saved; no saved one can be called so. */
#define AD_HOC_ID "command line "

#define AD_HOC_ID_DIGITS 16

typedef struct
{
  char *token;   /* (owned) (nullable) */
  char *api_key; /* (owned) (nullable) */
  GError *token_error;
  GError *api_key_error;
} Environment;

static void
environment_clear (Environment *environment)
{
  streamer_secret_input_free (environment->token);
  streamer_secret_input_free (environment->api_key);
  g_clear_error (&environment->token_error);
  g_clear_error (&environment->api_key_error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Environment, environment_clear)

/* By its id, secrets, patience and what is remembered of a store belong to a connection, so that
 * two places must not share one. Returns: (transfer full) */
static char *
make_ad_hoc_id (const char *const *place)
{
  g_autofree char *text = g_strjoinv ("\n", (char **) place);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strdup_printf (AD_HOC_ID "%.*s", AD_HOC_ID_DIGITS, digest);
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static gboolean
open_ad_hoc (StreamerSetup *self, const char *url, const char *domain)
{
  g_autofree char *id = make_ad_hoc_id ((const char *const[]){ url, NULL });

  self->secrets = streamer_memory_secrets_new (NULL);
  self->connection = streamer_connection_new_request_api (id, url, url, domain, self->secrets);
  return TRUE;
}

static gboolean
open_bucket (StreamerSetup *self, const StreamerOptions *options, GError **error)
{
  g_autofree char *id = make_ad_hoc_id (
      (const char *const[]){ options->s3, or_empty (options->endpoint), or_empty (options->region),
                             or_empty (options->profile), NULL });
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();

  if (!streamer_s3_place_set_uri (place, options->s3, error))
    return FALSE;
  place->endpoint = g_strdup (options->endpoint);
  place->region = g_strdup (options->region);
  place->profile = g_strdup (options->profile);
  if (options->link_expires != 0)
    place->link_expires = options->link_expires;
  self->secrets = streamer_memory_secrets_new (NULL);
  self->connection =
      streamer_connection_new_s3 (id, options->s3, place, options->domain, self->secrets);
  return TRUE;
}

/* For this run only: the connection stops following the settings in it. */
static void
replace_domain (StreamerSetup *self, const char *domain)
{
  g_settings_unbind (self->connection, "domain");
  g_object_set (self->connection, "domain", domain, NULL);
}

static gboolean
open_saved (StreamerSetup *self, const StreamerOptions *options, GError **error)
{
  g_autoptr (StreamerSecrets) keyring = streamer_keyring_secrets_new ();

  self->secrets = streamer_memory_secrets_new (keyring);
  self->connection =
      streamer_settings_open_connection (self->settings, options->connection, self->secrets, error);
  if (self->connection == NULL)
    {
      if (error != NULL && g_error_matches (*error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
        (*error)->code = STREAMER_ERROR_INVALID;
      return FALSE;
    }
  if (streamer_connection_get_kind (self->connection) == STREAMER_CONNECTION_THIS_COMPUTER)
    {
      if (options->token_file == NULL && !options->token_stdin && options->api_key_file == NULL &&
          options->domain == NULL)
        return TRUE;
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The connection to this computer takes no token, API key or domain. "
                              "Name a server with --connection or --request-url."));
      return FALSE;
    }
  if (options->domain != NULL)
    replace_domain (self, options->domain);
  return TRUE;
}

static gboolean
open_connection (StreamerSetup *self, const StreamerOptions *options, GError **error)
{
  const char *url = options->request_url;

  if (options->s3 != NULL)
    return open_bucket (self, options, error);
  if (url == NULL && options->connection == NULL)
    {
      url = g_getenv ("S3STREAMER_ENDPOINT");
      if (url != NULL && *url == '\0')
        url = NULL;
      if (url != NULL && !streamer_options_check_url ("S3STREAMER_ENDPOINT", url, error))
        return FALSE;
    }
  if (url != NULL)
    return open_ad_hoc (self, url, options->domain);
  return open_saved (self, options, error);
}

static char *
read_file (const char *path, StreamerConsole *console, GError **error)
{
  gboolean exposed;
  char *secret = streamer_secret_input_read_file (path, &exposed, error);

  if (secret != NULL && exposed)
    {
      g_autofree char *shown = streamer_key_display_name (path);
      /* Translators: the placeholder is the name of a file with a token */
      g_autofree char *warning = g_strdup_printf (
          _ ("Warning: everybody on this computer can read the secret in %s."), shown);

      streamer_console_note (console, warning);
    }
  return secret;
}

static char *
read_stdin (GError **error)
{
  if (!isatty (STDIN_FILENO))
    return streamer_secret_input_read_fd (STDIN_FILENO, _ ("standard input"), error);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                       _ ("The option --token-stdin reads the token from a pipe or a file, and "
                          "standard input is a terminal."));
  return NULL;
}

/* Of the files, else of the environment. */
static gboolean
read_secrets (StreamerSetup *self,
              const StreamerOptions *options,
              StreamerConsole *console,
              Environment *environment,
              GError **error)
{
  GError *own_error = NULL;

  if (options->token_file != NULL)
    self->token = read_file (options->token_file, console, &own_error);
  else if (options->token_stdin)
    self->token = read_stdin (&own_error);
  else if (environment->token_error != NULL)
    own_error = g_steal_pointer (&environment->token_error);
  else
    {
      self->token = g_steal_pointer (&environment->token);
      self->token_from_environment = TRUE;
    }
  if (own_error == NULL && options->api_key_file != NULL)
    self->api_key = read_file (options->api_key_file, console, &own_error);
  else if (own_error == NULL && environment->api_key_error != NULL)
    own_error = g_steal_pointer (&environment->api_key_error);
  else if (own_error == NULL)
    {
      self->api_key = g_steal_pointer (&environment->api_key);
      self->api_key_from_environment = TRUE;
    }
  if (own_error == NULL)
    return TRUE;
  g_propagate_error (error, own_error);
  return FALSE;
}

static gboolean
hand_in (StreamerConnection *connection, StreamerSecretKind kind, char **secret, GError **error)
{
  gboolean kept = TRUE;

  if (*secret != NULL)
    kept = streamer_secrets_store (streamer_connection_get_secrets (connection),
                                   streamer_connection_get_id (connection), kind, *secret, NULL,
                                   NULL, error);
  g_clear_pointer (secret, streamer_secret_input_free);
  return kept;
}

static gboolean
hand_in_secrets (StreamerSetup *self, GError **error)
{
  return hand_in (self->connection, STREAMER_SECRET_TOKEN, &self->token, error) &&
         hand_in (self->connection, STREAMER_SECRET_API_KEY, &self->api_key, error);
}

static void
replace (char **string, const char *value)
{
  if (value == NULL)
    return;
  g_free (*string);
  *string = g_strdup (value);
}

StreamerTarget *
streamer_setup_create_target (StreamerSetup *self, const StreamerOptions *options)
{
  StreamerTarget *target =
      self->settings != NULL ? streamer_target_new_from_settings (self->connection, self->settings)
                             : streamer_target_new (self->connection);

  replace (&target->prefix, options->path);
  replace (&target->name, options->name);
  replace (&target->tmp, options->tmp);
  replace (&target->content_type, options->content_type);
  replace (&target->storage_class, options->storage_class);
  target->metadata = g_strdupv (options->metadata);
  if (options->sha256)
    target->wants_sha256 = TRUE;
  if (options->part_size != 0)
    target->part_size = options->part_size;
  if (options->overwrite)
    target->overwrite = TRUE;
  return target;
}

static gboolean
check_target (StreamerSetup *self, const StreamerOptions *options, GError **error)
{
  g_autoptr (StreamerTarget) target = streamer_setup_create_target (self, options);

  return streamer_target_check (target, error);
}

/* Whether the journal says where to, and not the command line. */
static gboolean
is_in_journal (const StreamerOptions *options)
{
  switch (options->mode)
    {
    case STREAMER_MODE_RESUME:
    case STREAMER_MODE_VERIFY:
      return TRUE;
    case STREAMER_MODE_LIST:
    case STREAMER_MODE_ABORT:
      return options->connection == NULL && options->s3 == NULL;
    case STREAMER_MODE_UPLOAD:
    case STREAMER_MODE_PURGE:
    case STREAMER_MODE_HELP:
    case STREAMER_MODE_VERSION:
    default:
      return FALSE;
    }
}

gboolean
streamer_setup_init (StreamerSetup *self,
                     const StreamerOptions *options,
                     StreamerConsole *console,
                     GError **error)
{
  g_auto (Environment) environment = { 0 };

  *self = (StreamerSetup){ 0 };
  environment.token =
      streamer_secret_input_take_environment ("S3STREAMER_TOKEN", &environment.token_error);
  environment.api_key =
      streamer_secret_input_take_environment ("S3STREAMER_API_KEY", &environment.api_key_error);
  self->settings = streamer_settings_new (NULL);
  if (is_in_journal (options))
    {
      self->secrets = streamer_memory_secrets_new (NULL);
      return options->mode == STREAMER_MODE_LIST ||
             read_secrets (self, options, console, &environment, error);
    }
  if (!open_connection (self, options, error) ||
      (options->mode == STREAMER_MODE_UPLOAD && !check_target (self, options, error)))
    return FALSE;
  if (options->dry_run ||
      streamer_connection_get_kind (self->connection) != STREAMER_CONNECTION_REQUEST_API)
    return TRUE;
  return read_secrets (self, options, console, &environment, error) &&
         hand_in_secrets (self, error);
}

void
streamer_setup_clear (StreamerSetup *self)
{
  g_clear_object (&self->connection);
  g_clear_object (&self->secrets);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->token, streamer_secret_input_free);
  g_clear_pointer (&self->api_key, streamer_secret_input_free);
}

/* Returns: (transfer none) (nullable): the one record of all; NULL where there are several places.
 * @entries: not empty */
static const char *
get_only_record (GPtrArray *entries)
{
  const StreamerJournalEntry *first = entries->pdata[0];
  g_autofree char *id = streamer_connection_record_get_id (first->connection, NULL);

  for (guint i = 1; i < entries->len; i++)
    {
      const StreamerJournalEntry *entry = entries->pdata[i];
      g_autofree char *other = streamer_connection_record_get_id (entry->connection, NULL);

      if (g_strcmp0 (id, other) != 0)
        return NULL;
    }
  return first->connection;
}

/* Its token is its own, whatever the environment has for others. */
static gboolean
check_takes_secrets (StreamerSetup *self, GError **error)
{
  if (streamer_connection_get_kind (self->connection) == STREAMER_CONNECTION_REQUEST_API)
    return TRUE;
  if ((self->token == NULL || self->token_from_environment) &&
      (self->api_key == NULL || self->api_key_from_environment))
    {
      g_clear_pointer (&self->token, streamer_secret_input_free);
      g_clear_pointer (&self->api_key, streamer_secret_input_free);
      return TRUE;
    }
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
               /* Translators: the placeholder is the name of a connection */
               _ ("“%s” takes no token and no API key."),
               streamer_connection_get_name (self->connection));
  return FALSE;
}

gboolean
streamer_setup_take_entries (StreamerSetup *self, GPtrArray *entries, GError **error)
{
  const char *record;

  if ((self->token == NULL && self->api_key == NULL) || entries->len == 0)
    return TRUE;
  record = get_only_record (entries);
  if (record == NULL)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("A token or an API key is for one server, and these uploads go to "
                              "several. Name the IDs of those that go to one; --list shows "
                              "them."));
      return FALSE;
    }
  self->connection = streamer_setup_connect (record, self, error);
  return self->connection != NULL && check_takes_secrets (self, error) &&
         hand_in_secrets (self, error);
}

StreamerConnection *
streamer_setup_connect (const char *record, gpointer setup, GError **error)
{
  StreamerSetup *self = setup;
  g_autofree char *id = streamer_connection_record_get_id (record, error);
  g_autoptr (StreamerSecrets) keyring = NULL;
  g_autoptr (StreamerSecrets) secrets = NULL;
  g_autoptr (StreamerConnection) recorded = NULL;

  if (id == NULL)
    return NULL;
  if (self->connection != NULL && g_str_equal (id, streamer_connection_get_id (self->connection)))
    recorded = streamer_connection_new_from_record (record, self->secrets, NULL);
  if (recorded != NULL && streamer_connection_is_same_place (self->connection, recorded))
    return g_object_ref (self->connection);
  /* The keyring has nothing of a place that is not saved, and may ask to be unlocked. */
  if (!g_str_has_prefix (id, AD_HOC_ID))
    keyring = streamer_keyring_secrets_new ();
  secrets = streamer_memory_secrets_new (keyring);
  return streamer_settings_restore_connection (self->settings, record, secrets, error);
}

guint
streamer_setup_get_parts (StreamerSetup *self, const StreamerOptions *options)
{
  if (options->parts != 0)
    return options->parts;
  if (self->settings != NULL)
    return g_settings_get_int (self->settings, STREAMER_SETTING_PARTS);
  return STREAMER_PARTS_DEFAULT;
}

/* GIO takes a file that is called "notes: today" for a URI, so only what can be nothing else is
 * one here. */
GFile *
streamer_setup_create_file (const char *argument)
{
  if (g_ascii_strncasecmp (argument, "file://", strlen ("file://")) == 0)
    return g_file_new_for_uri (argument);
  return g_file_new_for_path (argument);
}
