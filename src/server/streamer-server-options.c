/* streamer-server-options.c: the server's command line
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-server-options.h"

#include <string.h>

#include "streamer-error.h"

#define MIN_SECRET_BYTES 32
#define MIN_TOKEN_BYTES  16
#define MAX_TOKEN_BYTES  4096

void
streamer_server_options_clear (StreamerServerOptions *options)
{
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
parse_listen (StreamerServerOptions *options,
              const char *text,
              gboolean allow_remote,
              GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = NULL;
  guint64 port;

  if (!colon || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
    return fail (error, "--listen takes ADDRESS:PORT, such as 127.0.0.1:8333.");
  host = g_strndup (text, colon - text);
  if (*host == '[' && g_str_has_suffix (host, "]"))
    {
      memmove (host, host + 1, strlen (host));
      host[strlen (host) - 1] = '\0';
    }
  options->address = g_inet_address_new_from_string (host);
  options->port = port;
  if (!options->address)
    return fail (error, "--listen takes a numeric address, not “%s”.", host);
  if (!allow_remote && !g_inet_address_get_is_loopback (options->address))
    return fail (error,
                 "%s can be reached from other computers, and this server has no TLS. Put a proxy "
                 "in front of it, or say --allow-remote.",
                 host);
  return TRUE;
}

static gboolean
load_token (StreamerServerOptions *options, const char *path, GError **error)
{
  const char *variable = g_getenv ("S3STREAMER_TOKEN");
  g_autoptr (GError) local_error = NULL;
  gsize length;

  if (path && !g_file_get_contents (path, &options->token, NULL, &local_error))
    return fail (error, "%s", local_error->message);
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
  if (options->lambda)
    return check_lambda (options, listen, error);
  if (options->embedded && (listen || options->root || token_file))
    return fail (error, "--embedded chooses its folder, address and token by itself.");
  if (options->stop && !options->embedded)
    return fail (error, "--stop goes with --embedded.");
  if (!options->embedded && (!listen || !options->root))
    return fail (error, "Say --embedded, or both --root FOLDER and --listen ADDRESS:PORT.");
  return TRUE;
}

gboolean
streamer_server_options_parse (StreamerServerOptions *options, char ***arguments, GError **error)
{
  g_autofree char *listen = NULL, *token_file = NULL;
  gboolean allow_remote = FALSE;
  const GOptionEntry entries[] = {
    { "embedded", 0, 0, G_OPTION_ARG_NONE, &options->embedded,
      "Be the backend behind “this computer”", NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &options->stop, "End the one that runs", NULL },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &options->root, "Where objects are kept", "FOLDER" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, "Where to listen; port 0 chooses one",
      "ADDRESS:PORT" },
    { "allow-remote", 0, 0, G_OPTION_ARG_NONE, &allow_remote,
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
  if (options->version || options->embedded)
    return TRUE;
  if (options->lambda)
    return load_seal (options, error) && load_token (options, token_file, error);
  return parse_listen (options, listen, allow_remote, error) &&
         load_token (options, token_file, error);
}
