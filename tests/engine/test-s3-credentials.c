/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "script-server.h"
#include "streamer-error.h"
#include "streamer-s3-credentials.h"
#include "streamer-s3-metadata.h"

#include <glib/gstdio.h>

static const char *const variables[] = {
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_CONFIG_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  "AWS_EC2_METADATA_DISABLED",
};

/* A folder of its own for the shared files, and nothing in the environment but that no instance is
 * asked. */
typedef struct
{
  char *folder;
  char *credentials;
  char *config;
  char *token;
  ScriptServer *server;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  fixture->folder = g_dir_make_tmp ("s3-credentials-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->credentials = g_build_filename (fixture->folder, "credentials", NULL);
  fixture->config = g_build_filename (fixture->folder, "config", NULL);
  fixture->token = g_build_filename (fixture->folder, "token", NULL);
  fixture->server = script_server_new ();
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", fixture->credentials, TRUE);
  g_setenv ("AWS_CONFIG_FILE", fixture->config, TRUE);
  g_setenv ("AWS_EC2_METADATA_DISABLED", "true", TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  script_server_free (fixture->server);
  g_remove (fixture->credentials);
  g_remove (fixture->config);
  g_remove (fixture->token);
  g_rmdir (fixture->folder);
  g_free (fixture->credentials);
  g_free (fixture->config);
  g_free (fixture->token);
  g_free (fixture->folder);
}

static void
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
assert_credentials (StreamerS3Credentials *credentials,
                    const char *access_key,
                    const char *secret_key,
                    const char *session_token)
{
  g_assert_cmpstr (credentials->access_key, ==, access_key);
  g_assert_cmpstr (credentials->secret_key, ==, secret_key);
  g_assert_cmpstr (credentials->session_token, ==, session_token);
}

static void
assert_found (const char *profile,
              const char *access_key,
              const char *secret_key,
              const char *session_token)
{
  g_autoptr (StreamerS3CredentialsProvider) provider = streamer_s3_default_provider_new (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerS3Credentials) found =
      streamer_s3_credentials_provider_get (provider, FALSE, NULL, &error);

  g_assert_no_error (error);
  assert_credentials (found, access_key, secret_key, session_token);
}

static void
assert_not_found (const char *profile, StreamerError code, const char *words)
{
  g_autoptr (StreamerS3CredentialsProvider) provider = streamer_s3_default_provider_new (profile);
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_s3_credentials_provider_get (provider, FALSE, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, "HUSH"));
}

static void
test_static (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3Credentials) keys = streamer_s3_credentials_new ("A", "B", "", 7);
  g_autoptr (StreamerS3CredentialsProvider) provider = streamer_s3_static_provider_new (keys);
  g_autoptr (StreamerS3Credentials) found =
      streamer_s3_credentials_provider_get (provider, TRUE, NULL, NULL);

  assert_credentials (found, "A", "B", NULL);
  g_assert_cmpint (found->expires, ==, 7);
}

static void
test_environment (Fixture *fixture, gconstpointer data)
{
  write_file (fixture->credentials, "[default]\naws_access_key_id=F\naws_secret_access_key=HUSHF");
  g_setenv ("AWS_ACCESS_KEY_ID", "E", TRUE);
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "AWS_SECRET_ACCESS_KEY");
  g_setenv ("AWS_SECRET_ACCESS_KEY", "HUSHE", TRUE);
  assert_found (NULL, "E", "HUSHE", NULL);
  g_setenv ("AWS_SESSION_TOKEN", "T", TRUE);
  g_setenv ("AWS_PROFILE", "other", TRUE);
  assert_found (NULL, "E", "HUSHE", "T");
  g_unsetenv ("AWS_ACCESS_KEY_ID");
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "AWS_ACCESS_KEY_ID");
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "No keys");
  assert_not_found ("mine", STREAMER_ERROR_AUTH, "“mine”");
  g_setenv ("AWS_PROFILE", "theirs", TRUE);
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "“theirs”");
  g_assert_null (streamer_s3_default_region (NULL));
}

static void
test_shared_files (Fixture *fixture, gconstpointer data)
{
  write_file (fixture->credentials, "# a comment\r\n"
                                    "[default]\r\n"
                                    "aws_access_key_id = D\r\n"
                                    "aws_secret_access_key = HUSH/with=signs+;#and # a comment\r\n"
                                    "\r\n"
                                    "[ work ] ; mine\n"
                                    "AWS_ACCESS_KEY_ID=W1\n"
                                    "; no\n"
                                    "nonsense\n"
                                    "aws_access_key_id=W\n"
                                    "aws_secret_access_key=HUSHW\n"
                                    "aws_session_token=TW\n"
                                    "[half]\n"
                                    "aws_access_key_id=H\n"
                                    "[empty]\n");
  write_file (fixture->config, "[default]\nregion = eu-west-3\ns3 =\n  region = nested\n"
                               "[work]\nregion=wrong\n"
                               "[profile work]\nregion=ap-south-1\naws_access_key_id=X\n"
                               "aws_secret_access_key=HUSHX\n"
                               "[profile \"with blank\"]\naws_access_key_id=B\n"
                               "aws_secret_access_key=HUSHB\n");
  assert_found (NULL, "D", "HUSH/with=signs+;#and", NULL);
  assert_found ("default", "D", "HUSH/with=signs+;#and", NULL);
  assert_found ("work", "W", "HUSHW", "TW");
  assert_found ("with blank", "B", "HUSHB", NULL);
  assert_not_found ("half", STREAMER_ERROR_AUTH, "“half”");
  assert_not_found ("empty", STREAMER_ERROR_AUTH, "“empty”");

  g_setenv ("AWS_PROFILE", "work", TRUE);
  assert_found (NULL, "W", "HUSHW", "TW");
  /* A profile that was named goes before the environment. */
  g_setenv ("AWS_ACCESS_KEY_ID", "E", TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", "HUSHE", TRUE);
  assert_found (NULL, "E", "HUSHE", NULL);
  assert_found ("default", "D", "HUSH/with=signs+;#and", NULL);
}

static void
test_region (Fixture *fixture, gconstpointer data)
{
  g_autofree char *of_default = NULL;
  g_autofree char *of_profile = NULL;
  g_autofree char *of_named = NULL;
  g_autofree char *of_environment = NULL;
  g_autofree char *of_other = NULL;

  write_file (fixture->credentials, "[other]\nregion = from-credentials\n");
  write_file (fixture->config, "[default]\nregion = eu-west-3\ns3 =\n  region = nested\n"
                               "[profile work]\nregion=ap-south-1\n");
  of_default = streamer_s3_default_region (NULL);
  g_assert_cmpstr (of_default, ==, "eu-west-3");
  g_setenv ("AWS_PROFILE", "work", TRUE);
  of_profile = streamer_s3_default_region (NULL);
  g_assert_cmpstr (of_profile, ==, "ap-south-1");
  g_setenv ("AWS_DEFAULT_REGION", "us-west-1", TRUE);
  g_setenv ("AWS_REGION", "us-west-2", TRUE);
  of_environment = streamer_s3_default_region (NULL);
  g_assert_cmpstr (of_environment, ==, "us-west-2");
  of_named = streamer_s3_default_region ("default");
  g_assert_cmpstr (of_named, ==, "eu-west-3");
  of_other = streamer_s3_default_region ("other");
  g_assert_cmpstr (of_other, ==, "from-credentials");
}

static void
test_refresh_reads_the_files_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3CredentialsProvider) provider = streamer_s3_default_provider_new (NULL);
  g_autoptr (StreamerS3Credentials) first = NULL;
  g_autoptr (StreamerS3Credentials) same = NULL;
  g_autoptr (StreamerS3Credentials) second = NULL;

  write_file (fixture->credentials, "[default]\naws_access_key_id=1\naws_secret_access_key=S");
  first = streamer_s3_credentials_provider_get (provider, FALSE, NULL, NULL);
  write_file (fixture->credentials, "[default]\naws_access_key_id=2\naws_secret_access_key=S");
  same = streamer_s3_credentials_provider_get (provider, FALSE, NULL, NULL);
  second = streamer_s3_credentials_provider_get (provider, TRUE, NULL, NULL);
  g_assert_cmpstr (first->access_key, ==, "1");
  g_assert_true (same == first);
  g_assert_cmpstr (second->access_key, ==, "2");
}

static char *
make_keys (const char *access_key, gint64 seconds)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end = g_date_time_add_seconds (now, (double) seconds);
  g_autofree char *text = g_date_time_format (end, "%Y-%m-%dT%H:%M:%SZ");

  return g_strdup_printf ("{\"Code\":\"Success\",\"AccessKeyId\":\"%s\",\"SecretAccessKey\":"
                          "\"HUSH\",\"Token\":\"TOKEN\",\"Expiration\":\"%s\"}",
                          access_key, text);
}

static void
answer_keys (Fixture *fixture, const char *access_key, gint64 seconds)
{
  g_autofree char *keys = make_keys (access_key, seconds);

  script_server_add_answer (fixture->server, 200, keys);
}

static void
use_container (Fixture *fixture)
{
  g_autofree char *url = g_strconcat (script_server_get_url (fixture->server), "/keys?a=b", NULL);

  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, TRUE);
}

static void
assert_asked (Fixture *fixture, guint index, const char *line, const char *name, const char *value)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *start = g_strconcat (line, " HTTP/1.1\r\n", NULL);
  g_autofree char *header = NULL;

  script_server_get (fixture->server, index, &request);
  g_assert_true (g_str_has_prefix (request.head, start));
  header = script_request_get_header (&request, name);
  g_assert_cmpstr (header, ==, value);
}

static void
test_container (Fixture *fixture, gconstpointer data)
{
  use_container (fixture);
  answer_keys (fixture, "C", 3600);
  assert_found (NULL, "C", "HUSH", "TOKEN");
  assert_asked (fixture, 0, "GET /keys?a=b", "Authorization", NULL);

  g_setenv ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc", TRUE);
  answer_keys (fixture, "C", 3600);
  assert_found (NULL, "C", "HUSH", "TOKEN");
  assert_asked (fixture, 1, "GET /keys?a=b", "Authorization", "Basic abc");

  g_setenv ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", fixture->token, TRUE);
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "token");
  write_file (fixture->token, "from the file\n");
  answer_keys (fixture, "C", 3600);
  assert_found (NULL, "C", "HUSH", "TOKEN");
  assert_asked (fixture, 2, "GET /keys?a=b", "Authorization", "from the file");
  write_file (fixture->token, "HUSH\r\nX-Evil: 1");
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "token");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 3);
}

static void
test_container_faults (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
    StreamerError code;
  } cases[] = {
    { 500, "{}", STREAMER_ERROR_BUSY },
    { 429, "{}", STREAMER_ERROR_BUSY },
    { 403, "HUSH", STREAMER_ERROR_AUTH },
    { 404, "", STREAMER_ERROR_AUTH },
    { 200, "", STREAMER_ERROR_AUTH },
    { 200, "[]", STREAMER_ERROR_AUTH },
    { 200, "{\"AccessKeyId\":\"A\"}", STREAMER_ERROR_AUTH },
    { 200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":7}", STREAMER_ERROR_AUTH },
    { 200, "{\"Code\":\"Failed\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"HUSH\"}",
      STREAMER_ERROR_AUTH },
    { 200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"HUSH\",\"Expiration\":\"soon\"}",
      STREAMER_ERROR_AUTH },
    { 200, "<html>HUSH", STREAMER_ERROR_AUTH },
    { 302, "HUSH", STREAMER_ERROR_PROTOCOL },
  };

  use_container (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      script_server_add_answer (fixture->server, cases[i].status, cases[i].body);
      assert_not_found (NULL, cases[i].code, "");
    }
  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/", TRUE);
  assert_not_found (NULL, STREAMER_ERROR_NETWORK, "");
}

static void
test_container_addresses (Fixture *fixture, gconstpointer data)
{
  static const char *const good[] = {
    "http://127.0.0.1:8080/x",
    "http://localhost/x",
    "http://[::1]/x",
    "http://169.254.170.2/x",
    "http://169.254.170.23/v1/credentials",
    "http://[fd00:ec2::23]/v1/credentials",
    "https://keys.example.org/x",
  };
  static const char *const bad[] = {
    "http://keys.example.org/x",
    "http://169.254.169.254/x",
    "http://10.0.0.1/",
    "ftp://127.0.0.1/",
    "/relative",
    "http://127.0.0.1.example.org/",
    "http://u:p@127.0.0.1/",
    "http://127.0.0.1/a\r\nb: c",
    "",
  };
  g_autofree char *both = streamer_s3_container_make_url ("/v2/x?y=z", bad[0], NULL);
  g_autofree char *odd = streamer_s3_container_make_url ("@evil.example.org/", NULL, NULL);

  g_assert_cmpstr (both, ==, "http://169.254.170.2/v2/x?y=z");
  g_assert_cmpstr (odd, ==, "http://169.254.170.2/@evil.example.org/");
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *url = streamer_s3_container_make_url (NULL, good[i], NULL);

      g_assert_cmpstr (url, ==, good[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (streamer_s3_container_make_url (NULL, bad[i], &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
    }
}

static void
use_instance (Fixture *fixture)
{
  g_setenv ("AWS_EC2_METADATA_DISABLED", "FALSE", TRUE);
  g_setenv ("AWS_EC2_METADATA_SERVICE_ENDPOINT", script_server_get_url (fixture->server), TRUE);
}

static void
test_instance (Fixture *fixture, gconstpointer data)
{
  use_instance (fixture);
  script_server_add_answer (fixture->server, 200, "TOKEN==");
  script_server_add_answer (fixture->server, 200, "the/role\n");
  answer_keys (fixture, "I", 3600);
  assert_found (NULL, "I", "HUSH", "TOKEN");
  assert_asked (fixture, 0, "PUT /latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "300");
  assert_asked (fixture, 0, "PUT /latest/api/token", "Content-Length", "0");
  assert_asked (fixture, 1, "GET /latest/meta-data/iam/security-credentials/",
                "X-aws-ec2-metadata-token", "TOKEN==");
  assert_asked (fixture, 2, "GET /latest/meta-data/iam/security-credentials/the%2Frole",
                "X-aws-ec2-metadata-token", "TOKEN==");
}

/* Version 1 is never asked, and an instance that does not help is the same as none. */
static void
test_instance_without_keys (Fixture *fixture, gconstpointer data)
{
  use_instance (fixture);
  script_server_add_answer (fixture->server, 403, "");
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "No keys");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 1);

  script_server_add_answer (fixture->server, 200, "TOKEN");
  script_server_add_answer (fixture->server, 404, "");
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "No keys");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 3);

  g_setenv ("AWS_EC2_METADATA_DISABLED", "true", TRUE);
  assert_not_found (NULL, STREAMER_ERROR_AUTH, "No keys");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 3);
}

static void
assert_next (StreamerS3CredentialsProvider *provider, gboolean refresh, const char *access_key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerS3Credentials) found =
      streamer_s3_credentials_provider_get (provider, refresh, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (found->access_key, ==, access_key);
}

static void
test_refresh_of_roles (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3CredentialsProvider) provider = streamer_s3_default_provider_new (NULL);
  g_autoptr (GError) error = NULL;

  use_container (fixture);
  answer_keys (fixture, "1", 3600);
  assert_next (provider, FALSE, "1");
  assert_next (provider, FALSE, "1");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 1);

  /* They were refused: at once. These have expired by this computer's clock, which may be wrong. */
  answer_keys (fixture, "2", -5);
  assert_next (provider, TRUE, "2");
  assert_next (provider, FALSE, "2");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 2);

  script_server_add_answer (fixture->server, 500, "");
  g_assert_null (streamer_s3_credentials_provider_get (provider, TRUE, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  answer_keys (fixture, "3", 200);
  assert_next (provider, TRUE, "3");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 4);
}

typedef struct
{
  StreamerS3CredentialsProvider *provider;
  GCancellable *cancellable;
  int n_begun;
} Crowd;

static gpointer
crowd_main (gpointer user_data)
{
  Crowd *crowd = user_data;
  GError *error = NULL;
  StreamerS3Credentials *found;

  g_atomic_int_inc (&crowd->n_begun);
  found = streamer_s3_credentials_provider_get (crowd->provider, FALSE, crowd->cancellable, &error);
  g_clear_error (&error);
  return found;
}

static void
test_single_flight (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3CredentialsProvider) provider = streamer_s3_default_provider_new (NULL);
  Crowd crowd = { .provider = provider };
  GThread *threads[8];

  use_container (fixture);
  answer_keys (fixture, "1", 3600);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("crowd", crowd_main, &crowd);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (StreamerS3Credentials) found = g_thread_join (threads[i]);

      g_assert_cmpstr (found->access_key, ==, "1");
    }
  g_assert_cmpuint (script_server_count (fixture->server), ==, 1);
}

/* Whoever asks is cancelled; the others do not take that for an answer. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  static const ScriptStep stall = { .read_body = SCRIPT_WHOLE_BODY, .then = SCRIPT_STALL };
  g_autoptr (StreamerS3CredentialsProvider) provider = streamer_s3_default_provider_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Crowd first = { .provider = provider, .cancellable = cancellable };
  Crowd second = { .provider = provider };
  g_autoptr (StreamerS3Credentials) found = NULL;
  GThread *asking, *waiting;

  use_container (fixture);
  script_server_add (fixture->server, &stall);
  answer_keys (fixture, "1", 3600);
  asking = g_thread_new ("asking", crowd_main, &first);
  script_server_wait_for (fixture->server, 0, 0);
  waiting = g_thread_new ("waiting", crowd_main, &second);
  while (g_atomic_int_get (&second.n_begun) == 0)
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  g_assert_null (g_thread_join (asking));
  found = g_thread_join (waiting);
  g_assert_cmpstr (found->access_key, ==, "1");
}

int
main (int argc, char *argv[])
{
#define ADD(path, func) g_test_add ("/s3-credentials/" path, Fixture, NULL, set_up, func, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("static", test_static);
  ADD ("environment", test_environment);
  ADD ("nothing", test_nothing);
  ADD ("shared-files", test_shared_files);
  ADD ("region", test_region);
  ADD ("refresh-reads-the-files-again", test_refresh_reads_the_files_again);
  ADD ("container", test_container);
  ADD ("container-faults", test_container_faults);
  ADD ("container-addresses", test_container_addresses);
  ADD ("instance", test_instance);
  ADD ("instance-without-keys", test_instance_without_keys);
  ADD ("refresh-of-roles", test_refresh_of_roles);
  ADD ("single-flight", test_single_flight);
  ADD ("cancelled", test_cancelled);
  return g_test_run ();
}
