/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "request-fixture.h"

#include "streamer-error.h"

#define PART(number, size, etag)                                                                   \
  "{\"number\": " number ", \"size\": " size ", \"etag\": \"\\\"" etag "\\\"\"}"
/* As all parts of the fixture's upload were put. */
static GArray *
new_sent_parts (void)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoredPart));

  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  for (guint number = 1; number <= 3; number++)
    {
      StreamerStoredPart part = { .number = number,
                                  .size = number == 3 ? 50 : 100,
                                  .etag = g_strdup_printf ("\"etag-%u\"", number) };

      g_array_append_val (parts, part);
    }
  return parts;
}

static void
test_parts_that_differ_are_never_finished (void)
{
  static const char *const lists[] = {
    "[" PART ("1", "100", "etag-1") ", " PART ("2", "100", "etag-2") "]",
    "[" PART ("1", "100", "etag-1") ", " PART ("2", "99", "etag-2") ", " PART ("3", "50",
                                                                               "etag-3") "]",
    "[" PART ("1", "100", "etag-1") ", " PART ("2", "100", "other") ", " PART ("3", "50",
                                                                               "etag-3") "]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GArray) parts = new_sent_parts ();
      g_autoptr (GError) error = NULL;

      request_fixture_begin (fixture);
      request_fixture_answer (fixture, lists[i]);
      g_assert_null (streamer_store_finish (fixture->store, fixture->http, fixture->upload, parts,
                                            0, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM);
      g_assert_cmpuint (script_server_count (fixture->backend), ==, 3);
    }
}

/* The answer to the first time was lost, and the parts are an object by now. */
static void
test_finishing_again_tells_the_same (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GArray) parts = new_sent_parts ();
      g_autoptr (StreamerStoredObject) object = NULL;
      g_autofree char *action = NULL;
      g_autoptr (GError) error = NULL;

      request_fixture_begin (fixture);
      if (i == 0)
        script_server_add_answer (fixture->backend, 404,
                                  "{\"status\": \"no such upload\", \"status_code\": 404}");
      else
        request_fixture_answer (fixture, "[]");
      request_fixture_answer (fixture, "{\"key\": \"team-a/ä b.bin\", \"size\": 250}");
      object = streamer_store_finish (fixture->store, fixture->http, fixture->upload, parts, 0,
                                      NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (object->size, ==, 250);
      action = request_fixture_get_action (fixture, 3);
      g_assert_cmpstr (action, ==, "finish");
    }
}

#define CAPABILITIES_WITHOUT_CRC32                                                                 \
  "{\"version\": 2, \"min_part_size\": 1, \"max_part_size\": 1000, \"max_parts\": 10000,"          \
  " \"max_object_size\": 100000, \"max_urls\": 3, \"checksums\": []}"

/* What the store calls a part, and whether that can be the part that was sent. */
static void
test_etags_are_compared_where_nobody_verifies_the_whole (void)
{
  static const struct
  {
    const char *capabilities;
    const char *etag;
    gboolean is_md5;
    const char *more;
    StreamerError code;
  } cases[] = {
    { CAPABILITIES_WITHOUT_CRC32, NULL, TRUE, "", 0 },
    { CAPABILITIES_WITHOUT_CRC32, "\"0cc175b9c0f1b6a831c399e269772661\"", FALSE, "",
      STREAMER_ERROR_CHECKSUM },
    { CAPABILITIES_WITHOUT_CRC32, "\"0cc175b9c0f1b6a831c399e269772661\"", FALSE,
      "x-amz-server-side-encryption: aws:kms\r\n", 0 },
    { CAPABILITIES_WITHOUT_CRC32, "\"0cc175b9c0f1b6a831c399e269772661\"", FALSE,
      "x-amz-server-side-encryption-customer-algorithm: AES256\r\n", 0 },
    { CAPABILITIES_WITHOUT_CRC32, "\"0cc175b9c0f1b6a831c399e269772661-1\"", FALSE, "", 0 },
    { CAPABILITIES_WITHOUT_CRC32, "\"anything\"", FALSE, "", 0 },
    { CAPABILITIES_WITHOUT_CRC32, "", FALSE, "", 0 },
    { FIXTURE_CAPABILITIES, "\"0cc175b9c0f1b6a831c399e269772661\"", FALSE, "", 0 },
    { FIXTURE_CAPABILITIES, "\"1\"", FALSE, "x-amz-checksum-crc32: AAAAAA==\r\n",
      STREAMER_ERROR_CHECKSUM },
    { FIXTURE_CAPABILITIES, "\"1\"", FALSE, "x-amz-checksum-crc32: nonsense of it\r\n", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autofree char *md5 =
          g_compute_checksum_for_data (G_CHECKSUM_MD5, fixture->file->bytes, 100);
      const char *etag = cases[i].is_md5 ? md5 : cases[i].etag;
      g_autofree char *answer = g_strdup_printf (
          "HTTP/1.1 200 OK\r\nETag: %s\r\n%sContent-Length: 0\r\n\r\n", etag, cases[i].more);
      g_autoptr (GError) error = NULL;
      StreamerStoredPart stored = { 0 };

      request_fixture_answer (fixture, cases[i].capabilities);
      request_fixture_answer (fixture, "{\"upload_id\": \"upload-1\"}");
      g_assert_true (
          streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, NULL));
      request_fixture_answer_presign (fixture, 1, 3, NULL);
      script_server_add (fixture->bucket,
                         &(ScriptStep){ .read_body = SCRIPT_WHOLE_BODY, .answer = answer });
      if (cases[i].code == 0)
        {
          request_fixture_put (fixture, 1, &stored, &error);
          g_assert_no_error (error);
          g_assert_cmpstr (stored.etag, ==, etag);
        }
      else
        request_fixture_put_fails (fixture, 1, cases[i].code);
      streamer_stored_part_clear (&stored);
    }
}

/* Only the backend can tell whether an earlier attempt, whose answer was lost, put it there. */
static void
test_what_is_there_already_is_left_to_finish (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autofree char *put = g_strdup_printf (
      "{\"upload_id\": \"upload-1\", \"put\": {\"method\": \"PUT\", \"url\": \"%s/whole?s=1\"}}",
      script_server_get_url (fixture->bucket));
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoredPart));
  g_autoptr (GError) error = NULL;

  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  request_fixture_answer (fixture, put);
  g_assert_true (streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, NULL));
  script_server_add_answer (fixture->bucket, 412, "<Error><Code>PreconditionFailed</Code></Error>");
  request_fixture_put_ok (fixture, 1, parts);
  g_assert_cmphex (g_array_index (parts, StreamerStoredPart, 0).crc32, ==, fixture->file->crc32);
  g_assert_cmpuint (g_array_index (parts, StreamerStoredPart, 0).size, ==, 70);

  script_server_add_answer (fixture->backend, 409, "{\"status\": \"x\", \"status_code\": 409}");
  g_assert_null (streamer_store_finish (fixture->store, fixture->http, fixture->upload, parts,
                                        fixture->file->crc32, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/request-integrity/" name, func)
  ADD ("parts-that-differ-are-never-finished", test_parts_that_differ_are_never_finished);
  ADD ("finishing-again-tells-the-same", test_finishing_again_tells_the_same);
  ADD ("etags-are-compared-where-nobody-verifies-the-whole",
       test_etags_are_compared_where_nobody_verifies_the_whole);
  ADD ("what-is-there-already-is-left-to-finish", test_what_is_there_already_is_left_to_finish);
#undef ADD
  return g_test_run ();
}
