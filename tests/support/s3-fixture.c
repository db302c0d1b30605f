/* s3-fixture.c: an S3 client before a scripted store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "s3-fixture.h"

#include <string.h>

static StreamerS3Credentials *
new_credentials (void)
{
  return streamer_s3_credentials_new (S3_FIXTURE_ACCESS_KEY, S3_FIXTURE_SECRET_KEY, NULL, 0);
}

void
s3_fixture_use_provider (S3Fixture *fixture, StreamerS3CredentialsProvider *provider)
{
  StreamerS3Location location = { (char *) script_server_get_url (fixture->server),
                                  (char *) S3_FIXTURE_REGION, (char *) "bucket", (char *) "pre",
                                  TRUE };

  g_clear_object (&fixture->client);
  fixture->client = streamer_s3_client_new (&location, provider);
}

static void
set_up (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3Credentials) credentials = new_credentials ();
  g_autoptr (StreamerS3CredentialsProvider) provider =
      streamer_s3_static_provider_new (credentials);

  fixture->server = script_server_new ();
  fixture->http = streamer_http_new ();
  s3_fixture_use_provider (fixture, provider);
}

static void
tear_down (S3Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->client);
  g_object_unref (fixture->http);
  script_server_free (fixture->server);
}

void
s3_fixture_add_data (const char *path, gconstpointer data, S3FixtureFunc func)
{
  g_test_add (path, S3Fixture, data, set_up, func, tear_down);
}

void
s3_fixture_add (const char *path, S3FixtureFunc func)
{
  s3_fixture_add_data (path, NULL, func);
}

void
s3_fixture_answer (S3Fixture *fixture, guint status, const char *headers, const char *body)
{
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.1 %u Scripted\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                       status, headers, strlen (body), body);
  ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY, .answer = text };

  script_server_add (fixture->server, &step);
}

void
s3_fixture_refuse (S3Fixture *fixture, guint status, const char *code, const char *more)
{
  g_autofree char *body = g_strdup_printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                           "<Error><Code>%s</Code>%s</Error>",
                                           code, more);

  s3_fixture_answer (fixture, status, "Content-Type: application/xml\r\n", body);
}

void
s3_fixture_assert_header (S3Fixture *fixture, guint index, const char *name, const char *value)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *found = NULL;

  script_server_get (fixture->server, index, &request);
  found = script_request_get_header (&request, name);
  g_assert_cmpstr (found, ==, value);
}

/* Takes what stands between @before and @after, or the end. */
static char *
cut (const char *text, const char *before, const char *after)
{
  const char *start = strstr (text, before);
  const char *end;

  g_assert_nonnull (start);
  start += strlen (before);
  end = strstr (start, after);
  return end != NULL ? g_strndup (start, end - start) : g_strdup (start);
}

static GStrv
decode_query (const char *query)
{
  g_autoptr (GStrvBuilder) decoded = g_strv_builder_new ();
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      g_assert_nonnull (equals);
      name = g_uri_unescape_segment (pairs[i], equals, NULL);
      value = g_uri_unescape_string (equals + 1, NULL);
      g_strv_builder_add_many (decoded, name, value, NULL);
    }
  return g_strv_builder_end (decoded);
}

/* The headers that the signature names, as they arrived, but those that signing adds. */
static GStrv
get_signed_headers (const ScriptRequest *request, const char *authorization)
{
  static const char *const added[] = { "x-amz-date", "x-amz-content-sha256", "x-amz-security-token",
                                       NULL };
  g_autoptr (GStrvBuilder) headers = g_strv_builder_new ();
  g_autofree char *names = cut (authorization, "SignedHeaders=", ",");
  g_auto (GStrv) list = g_strsplit (names, ";", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autofree char *value = script_request_get_header (request, list[i]);

      g_assert_nonnull (value);
      if (!g_strv_contains (added, list[i]))
        g_strv_builder_add_many (headers, list[i], value, NULL);
    }
  return g_strv_builder_end (headers);
}

static gint64
parse_time (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);

  g_assert_nonnull (time);
  return g_date_time_to_unix (time);
}

void
s3_fixture_assert_signed (S3Fixture *fixture,
                          guint index,
                          StreamerS3Credentials *credentials,
                          const char *region)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *authorization = NULL;
  g_autofree char *date = NULL;
  g_autofree char *hash = NULL;
  g_autofree char *method = NULL;
  g_autofree char *target = NULL;
  g_auto (GStrv) path_and_query = NULL;
  g_auto (GStrv) query = NULL;
  g_auto (GStrv) headers = NULL;
  g_auto (GStrv) expected = NULL;

  script_server_get (fixture->server, index, &request);
  authorization = script_request_get_header (&request, "Authorization");
  date = script_request_get_header (&request, "x-amz-date");
  hash = script_request_get_header (&request, "x-amz-content-sha256");
  method = cut (request.head, "", " ");
  target = cut (request.head, " ", " HTTP/1.1\r\n");
  path_and_query = g_strsplit (target, "?", 2);
  if (path_and_query[1] != NULL)
    query = decode_query (path_and_query[1]);
  headers = get_signed_headers (&request, authorization);
  {
    const StreamerSigV4 signer = { credentials, region, "s3", parse_time (date) };

    expected = streamer_sigv4_sign_headers (&signer, method, path_and_query[0],
                                            (const char *const *) query,
                                            (const char *const *) headers, hash);
  }
  g_assert_cmpstr (authorization, ==, expected[g_strv_length (expected) - 1]);

  if (!g_str_equal (hash, STREAMER_SIGV4_UNSIGNED_PAYLOAD))
    {
      g_autofree char *body_hash = streamer_sigv4_hash (request.body->str, request.body->len);

      g_assert_cmpstr (hash, ==, body_hash);
    }
}

void
s3_fixture_assert_request (S3Fixture *fixture, guint index, const char *line)
{
  g_autoptr (StreamerS3Credentials) credentials = new_credentials ();
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *first = NULL;

  script_server_get (fixture->server, index, &request);
  first = cut (request.head, "", "\r\n");
  g_assert_cmpstr (first, ==, line);
  s3_fixture_assert_signed (fixture, index, credentials, S3_FIXTURE_REGION);
}
