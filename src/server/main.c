/* main.c: s3streamer-server, the backend
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main thread waits for signals and for idleness; requests are answered by the server's own
 * threads, and what is done every hour has one, too.
 */

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>

#include "streamer-add-principal.h"
#include "streamer-config.h"
#include "streamer-configured-server.h"
#include "streamer-embedded-service.h"
#include "streamer-error.h"
#include "streamer-lambda.h"
#include "streamer-server-log.h"
#include "streamer-server-options.h"
#include "streamer-server.h"
#include "streamer-sweeper.h"

#define EXIT_FAILED  1
#define EXIT_USAGE   2
#define SWEEP_USEC   (3600 * (gint64) G_USEC_PER_SEC)
#define IDLE_SECONDS 3600
#define GRACE_USEC   (10 * G_USEC_PER_SEC)

typedef struct
{
  GMainLoop *loop;
  StreamerServer *server;
  gint64 idle_limit;                    /* microseconds */
  const StreamerServerOptions *options; /* (nullable): what the configuration was loaded with */
  const StreamerServerConfig *config;   /* (nullable): what was loaded when the server started */
} Run;

static int
report (int code, const char *message)
{
  fprintf (stderr, "s3streamer-server: %s\n", message);
  return code;
}

static void
announce (const char *url)
{
  printf ("listening on %s\n", url);
  fflush (stdout);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (((Run *) data)->loop);
  return G_SOURCE_REMOVE;
}

static void
sweep (gpointer data)
{
  streamer_server_sweep (data);
}

static gboolean
on_hang_up (gpointer data)
{
  Run *run = data;

  streamer_server_reopen_audit (run->server);
  streamer_configured_server_reload (run->server, run->config, run->options);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_idle_check (gpointer data)
{
  Run *run = data;
  gint64 left = run->idle_limit - streamer_server_get_idle_time (run->server);

  if (left <= 0)
    {
      streamer_server_log ("info", "idle", NULL);
      g_main_loop_quit (run->loop);
    }
  else
    g_timeout_add (left / 1000 + 1, on_idle_check, run);
  return G_SOURCE_REMOVE;
}

static void
run_until_end (Run *run)
{
  const char *url = streamer_server_get_url (run->server);
  g_autoptr (StreamerSweeper) sweeper = streamer_sweeper_new (SWEEP_USEC, sweep, run->server);

  run->loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, on_signal, run);
  g_unix_signal_add (SIGINT, on_signal, run);
  if (run->config)
    g_unix_signal_add (SIGHUP, on_hang_up, run);
  if (run->idle_limit > 0)
    on_idle_check (run);
  streamer_server_log ("info", "start", "url", url, NULL);
  announce (url);
  g_main_loop_run (run->loop);
  streamer_server_log ("info", "stop", NULL);
  g_main_loop_unref (run->loop);
}

/* Tests do not wait for an hour. */
static gint64
get_idle_limit (void)
{
  const char *text = g_getenv ("S3STREAMER_EMBEDDED_IDLE");
  guint64 seconds;

  if (!text || !g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &seconds, NULL))
    seconds = IDLE_SECONDS;
  return seconds * G_USEC_PER_SEC;
}

static int
run_embedded (const StreamerServerOptions *options)
{
  g_autoptr (StreamerEmbeddedService) service = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  if (options->stop)
    return streamer_embedded_service_end (&error) ? 0 : report (EXIT_FAILED, error->message);
  service = streamer_embedded_service_start (&url, &error);
  if (error)
    return report (EXIT_FAILED, error->message);
  if (service)
    {
      Run run = { .server = streamer_embedded_service_get_server (service),
                  .idle_limit = get_idle_limit () };

      run_until_end (&run);
    }
  else
    announce (url);
  return 0;
}

static int
check_config (const StreamerServerOptions *options)
{
  g_auto (StreamerServerConfig) config = { 0 };

  if (!streamer_configured_server_load (&config, options))
    return EXIT_FAILED;
  printf ("%s is in order.\n", options->config);
  return 0;
}

static int
add_principal (const StreamerServerOptions *options)
{
  g_autofree char *token = NULL;
  g_autoptr (GError) error = NULL;

  if (!streamer_add_principal (
          options->config, options->add_principal, (const char *const *) options->prefixes,
          (const char *const *) options->rights, options->quota, &token, &error))
    return report (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_INVALID) ? EXIT_USAGE
                                                                                   : EXIT_FAILED,
                   error->message);
  if (puts (token) >= 0 && fflush (stdout) == 0)
    return 0;
  return report (EXIT_FAILED, "The token could not be printed: remove what was added to the file.");
}

static int
run_config (const StreamerServerOptions *options)
{
  g_auto (StreamerServerConfig) config = { 0 };
  g_autoptr (StreamerServer) server = NULL;
  g_autoptr (GError) error = NULL;
  Run run = { .options = options, .config = &config };

  if (!streamer_configured_server_load (&config, options))
    return EXIT_FAILED;
  run.server = server = streamer_configured_server_new (&config, NULL, &error);
  if (!server || !streamer_server_listen (server, config.address, config.port, &error))
    return report (EXIT_FAILED, error->message);
  run_until_end (&run);
  streamer_server_stop (server, GRACE_USEC);
  return 0;
}

/* Without a configuration, the one who has the token may do everything. */
static StreamerPolicy *
new_owners_policy (const StreamerServerOptions *options)
{
  StreamerPolicy *policy = streamer_policy_new ();

  streamer_policy_add_principal (policy, "owner", options->token, NULL, STREAMER_RIGHTS_ALL);
  return policy;
}

static int
run_folder (const StreamerServerOptions *options)
{
  StreamerStorageConfig config = { .kind = (char *) "folder", .root = options->root };
  g_autoptr (StreamerServer) server = NULL;
  g_autoptr (GError) error = NULL;
  Run run = { 0 };

  run.server = server = streamer_server_new (&config, new_owners_policy (options), &error);
  if (!server || !streamer_server_listen (server, options->address, options->port, &error))
    return report (EXIT_FAILED, error->message);
  run_until_end (&run);
  streamer_server_stop (server, GRACE_USEC);
  return 0;
}

/* A template knows its bucket only when it is filled: after the function's files were packed. */
static gboolean
read_storage (const StreamerServerOptions *options, StreamerStorageConfig *config, GError **error)
{
  const char *region = g_getenv ("S3STREAMER_REGION");
  const char *member;

  config->kind = g_strdup (options->root ? "folder" : "s3");
  config->root = g_strdup (options->root);
  config->domain = g_strdup (g_getenv ("S3STREAMER_DOMAIN"));
  config->bucket = g_strdup (g_getenv ("S3STREAMER_BUCKET"));
  config->prefix = g_strdup (g_getenv ("S3STREAMER_PREFIX"));
  config->endpoint = g_strdup (g_getenv ("S3STREAMER_S3_ENDPOINT"));
  config->region = g_strdup (region ? region : g_getenv ("AWS_REGION"));
  config->path_style = config->endpoint != NULL;
  if (streamer_storage_config_check (config, &member, error))
    return TRUE;
  g_prefix_error (error, "S3STREAMER_* for “%s”: ", member);
  return FALSE;
}

static StreamerServer *
new_function (StreamerServerOptions *options, GError **error)
{
  g_auto (StreamerServerConfig) config = { 0 };

  if (!streamer_server_options_is_configured (options))
    return read_storage (options, &config.storage, error)
               ? streamer_server_new_stateless (&config.storage, new_owners_policy (options),
                                                g_steal_pointer (&options->seal), error)
               : NULL;
  if (streamer_configured_server_load (&config, options))
    return streamer_configured_server_new (&config, g_steal_pointer (&options->seal), error);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                       "The configuration is not in order.");
  return NULL;
}

static int
run_lambda (StreamerServerOptions *options, StreamerLambda *lambda)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerServer) server = new_function (options, &error);

  if (!server)
    streamer_lambda_fail (lambda, error->message);
  else
    streamer_lambda_run (lambda, server, &error);
  return report (EXIT_FAILED, error->message);
}

/* Lambda is told why the function does not start, whatever the reason. */
static int
report_usage (const GError *error)
{
  const char *runtime_api = g_getenv ("AWS_LAMBDA_RUNTIME_API");
  g_autoptr (StreamerLambda) lambda = runtime_api ? streamer_lambda_new (runtime_api) : NULL;

  if (lambda)
    streamer_lambda_fail (lambda, error->message);
  return report (EXIT_USAGE, error->message);
}

int
main (int argc, char *argv[])
{
  g_auto (StreamerServerOptions) options = { 0 };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (!streamer_server_options_parse (&options, &arguments, &error))
    return report_usage (error);
  if (options.version)
    {
      printf ("s3streamer-server %s\n", STREAMER_VERSION);
      return 0;
    }
  if (options.check)
    return check_config (&options);
  if (options.add_principal)
    return add_principal (&options);
  streamer_server_log_set_json (options.log_json);
  if (options.lambda)
    {
      g_autoptr (StreamerLambda) lambda = streamer_lambda_new (g_getenv ("AWS_LAMBDA_RUNTIME_API"));

      return run_lambda (&options, lambda);
    }
  if (options.config)
    return run_config (&options);
  return options.embedded ? run_embedded (&options) : run_folder (&options);
}
