/* streamer-setup.c: what the command line, the environment and the settings come to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-setup.h"

#include <unistd.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-secret-input.h"

/* Names the connection that is not saved; no saved one can be called so. */
#define AD_HOC_ID "command line"

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

static gboolean
open_ad_hoc (StreamerSetup *self, const char *url, const char *domain)
{
  self->secrets = streamer_memory_secrets_new (NULL);
  self->connection =
      streamer_connection_new_request_api (AD_HOC_ID, url, url, domain, self->secrets);
  return TRUE;
}

static gboolean
open_bucket (StreamerSetup *self, const StreamerOptions *options, GError **error)
{
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
      streamer_connection_new_s3 (AD_HOC_ID, options->s3, place, options->domain, self->secrets);
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

/* @secret: (nullable) (transfer full) */
static gboolean
keep (StreamerSetup *self, StreamerSecretKind kind, char *secret, GError **error)
{
  gboolean kept = TRUE;

  if (secret != NULL)
    kept = streamer_secrets_store (self->secrets, streamer_connection_get_id (self->connection),
                                   kind, secret, NULL, NULL, error);
  streamer_secret_input_free (secret);
  return kept;
}

static gboolean
read_secrets (StreamerSetup *self,
              const StreamerOptions *options,
              StreamerConsole *console,
              Environment *environment,
              GError **error)
{
  GError *own_error = NULL;
  char *token = NULL;
  char *api_key = NULL;

  if (options->token_file != NULL)
    token = read_file (options->token_file, console, &own_error);
  else if (options->token_stdin)
    token = read_stdin (&own_error);
  else if (environment->token_error != NULL)
    own_error = g_steal_pointer (&environment->token_error);
  else
    token = g_steal_pointer (&environment->token);
  if (own_error == NULL)
    {
      if (!keep (self, STREAMER_SECRET_TOKEN, token, error))
        return FALSE;
      if (options->api_key_file != NULL)
        api_key = read_file (options->api_key_file, console, &own_error);
      else if (environment->api_key_error != NULL)
        own_error = g_steal_pointer (&environment->api_key_error);
      else
        api_key = g_steal_pointer (&environment->api_key);
    }
  if (own_error != NULL)
    {
      g_propagate_error (error, own_error);
      return FALSE;
    }
  return keep (self, STREAMER_SECRET_API_KEY, api_key, error);
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
  if (!open_connection (self, options, error) || !check_target (self, options, error))
    return FALSE;
  if (options->dry_run ||
      streamer_connection_get_kind (self->connection) != STREAMER_CONNECTION_REQUEST_API)
    return TRUE;
  return read_secrets (self, options, console, &environment, error);
}

void
streamer_setup_clear (StreamerSetup *self)
{
  g_clear_object (&self->connection);
  g_clear_object (&self->secrets);
  g_clear_object (&self->settings);
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
