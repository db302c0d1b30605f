/* streamer-server-options.c: the server's command line
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-server-options.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-secret-file.h"
#include "streamer-server-config.h"

#define MIN_SECRET_BYTES 32
#define MIN_TOKEN_BYTES  16
#define MAX_TOKEN_BYTES  4096

void
streamer_server_options_clear (StreamerServerOptions *options)
{
  g_clear_pointer (&options->config, g_free);
  g_clear_pointer (&options->add_principal, g_free);
  g_clear_pointer (&options->prefixes, g_strfreev);
  g_clear_pointer (&options->rights, g_strfreev);
  g_clear_pointer (&options->quota, g_free);
  g_clear_pointer (&options->root, g_free);
  g_clear_object (&options->address);
  g_clear_pointer (&options->token, g_free);
  g_clear_pointer (&options->seal, streamer_seal_free);
}

static gboolean G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (
      error, g_error_new_valist (STREAMER_ERROR, STREAMER_ERROR_INVALID, format, arguments));
  va_end (arguments);
  return FALSE;
}

/* `127.0.0.1:8333` or `[::1]:8333`. */
static gboolean
parse_listen (StreamerServerOptions *options, const char *text, GError **error)
{
  if (!streamer_server_config_parse_address (text, &options->address, &options->port))
    return fail (error, "--listen takes a numeric ADDRESS:PORT, such as 127.0.0.1:8333.");
  return options->allow_remote || g_inet_address_get_is_loopback (options->address) ||
         fail (error,
               "Other computers get to %s, and this server has no TLS. Put a proxy in front of it, "
               "or say --allow-remote.",
               text);
}

/* A token is worth more than what stands for it in a configuration. */
static gboolean
read_token_file (StreamerServerOptions *options, const char *path, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  const char *wrong_mode;
  gsize length;

  if (!streamer_secret_file_read (path, 2 * MAX_TOKEN_BYTES, &options->token, &length, &wrong_mode,
                                  &local_error))
    return fail (error, "%s", local_error->message);
  return !wrong_mode || fail (error, "%s: %s", path, wrong_mode);
}

static gboolean
load_token (StreamerServerOptions *options, const char *path, GError **error)
{
  const char *variable = g_getenv ("S3STREAMER_TOKEN");
  gsize length;

  if (path && !read_token_file (options, path, error))
    return FALSE;
  if (!options->token && variable)
    options->token = g_strdup (variable);
  /* Not for programs that this one might start. */
  g_unsetenv ("S3STREAMER_TOKEN");
  if (!options->token)
    return fail (error, "A token is needed: in S3STREAMER_TOKEN, or by --token-file.");

  g_strstrip (options->token);
  length = strlen (options->token);
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (options->token[i]))
      return fail (error, "The token has a character that cannot be sent in a header.");
  if (length < MIN_TOKEN_BYTES || length > MAX_TOKEN_BYTES)
    return fail (error, "The token has to have %d to %d characters.", MIN_TOKEN_BYTES,
                 MAX_TOKEN_BYTES);
  return TRUE;
}

/* All instances of a function have to read each other's upload ids. */
static gboolean
load_seal (StreamerServerOptions *options, GError **error)
{
  const char *secret = g_getenv ("S3STREAMER_SEAL_SECRET");
  g_autoptr (GChecksum) hash = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 key[STREAMER_SEAL_KEY_BYTES];
  gsize length = sizeof key;

  if (!secret || strlen (secret) < MIN_SECRET_BYTES)
    return fail (error, "S3STREAMER_SEAL_SECRET has to have %d random characters or more.",
                 MIN_SECRET_BYTES);
  g_checksum_update (hash, (const guchar *) secret, -1);
  g_checksum_get_digest (hash, key, &length);
  options->seal = streamer_seal_new (key);
  g_unsetenv ("S3STREAMER_SEAL_SECRET");
  return TRUE;
}

static gboolean
check_lambda (StreamerServerOptions *options, const char *listen, GError **error)
{
  if (options->embedded || listen)
    return fail (error, "--lambda takes requests from AWS Lambda, and from nowhere else.");
  if (!g_getenv ("AWS_LAMBDA_RUNTIME_API"))
    return fail (error, "--lambda is for AWS Lambda, which says where its runtime interface is in "
                        "AWS_LAMBDA_RUNTIME_API.");
  return TRUE;
}

static gboolean
check_config (StreamerServerOptions *options, const char *token_file, GError **error)
{
  if (!options->config && (options->check || options->add_principal))
    return fail (error, "--check and --add-principal need --config FILE.");
  if (options->config && (options->embedded || token_file))
    return fail (error, "--config says who may do what: without --embedded and --token-file.");
  if (options->add_principal && options->check)
    return fail (error, "Say --add-principal or --check, not both.");
  if (!options->add_principal && (options->prefixes || options->rights || options->quota))
    return fail (error, "--prefix, --right and --quota go with --add-principal.");
  if (options->add_principal && (!options->prefixes || !options->rights))
    return fail (error, "--add-principal needs a --prefix (/ is everything) and a --right.");
  return TRUE;
}

static gboolean
check_combination (StreamerServerOptions *options,
                   const char *listen,
                   const char *token_file,
                   char **rest,
                   GError **error)
{
  if (rest && rest[1])
    return fail (error, "“%s” is not an option of this program.", rest[1]);
  if (options->version)
    return TRUE;
  if (!check_config (options, token_file, error))
    return FALSE;
  if (options->check || options->add_principal)
    return TRUE;
  if (options->lambda)
    return check_lambda (options, listen, error);
  if (options->embedded && (listen || options->root || token_file))
    return fail (error, "--embedded chooses its folder, address and token by itself.");
  if (options->stop && !options->embedded)
    return fail (error, "--stop goes with --embedded.");
  if (!options->embedded && !options->config && (!listen || !options->root))
    return fail (error, "Say --config FILE, or --embedded, or both --root FOLDER and --listen "
                        "ADDRESS:PORT.");
  return TRUE;
}

gboolean
streamer_server_options_is_configured (const StreamerServerOptions *options)
{
  return options->config || (options->lambda && g_getenv (STREAMER_SERVER_CONFIG_VARIABLE));
}

gboolean
streamer_server_options_parse (StreamerServerOptions *options, char ***arguments, GError **error)
{
  g_autofree char *listen = NULL, *token_file = NULL;
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Do as this file says", "FILE" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &options->check,
      "Only tell what is wrong in the configuration", NULL },
    { "add-principal", 0, 0, G_OPTION_ARG_STRING, &options->add_principal,
      "Add somebody to the configuration, and print the token", "NAME" },
    { "prefix", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->prefixes,
      "Where NAME may do something; can be repeated", "FOLDER" },
    { "right", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->rights,
      "What: create, overwrite, remove, link; can be repeated", "RIGHT" },
    { "quota", 0, 0, G_OPTION_ARG_STRING, &options->quota, "How much NAME may keep, such as 100G",
      "BYTES" },
    { "embedded", 0, 0, G_OPTION_ARG_NONE, &options->embedded,
      "Be the backend behind “this computer”", NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &options->stop, "End the one that runs", NULL },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &options->root, "Where objects are kept", "FOLDER" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, "Where to listen; port 0 chooses one",
      "ADDRESS:PORT" },
    { "allow-remote", 0, 0, G_OPTION_ARG_NONE, &options->allow_remote,
      "Listen where other computers get to, without TLS", NULL },
    { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &token_file,
      "What clients have to show (also S3STREAMER_TOKEN)", "FILE" },
    { "lambda", 0, 0, G_OPTION_ARG_NONE, &options->lambda, "Be a function of AWS Lambda", NULL },
    { "log-json", 0, 0, G_OPTION_ARG_NONE, &options->log_json, "Log lines are JSON objects", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- the backend of S3Streamer");
  g_autoptr (GError) local_error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, arguments, &local_error))
    return fail (error, "%s", local_error->message);
  if (!check_combination (options, listen, token_file, *arguments, error))
    return FALSE;
  if (listen && !parse_listen (options, listen, error))
    return FALSE;
  if (options->version || options->embedded || options->check || options->add_principal)
    return TRUE;
  if (options->lambda && !load_seal (options, error))
    return FALSE;
  return streamer_server_options_is_configured (options) || load_token (options, token_file, error);
}
