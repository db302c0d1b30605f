/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-seal.h"
#include "streamer-upload-id.h"
#include "streamer-url-signer.h"

static const guint8 key[STREAMER_SEAL_KEY_BYTES] = "an example of a key, 32 bytes in";
static const guint8 other_key[STREAMER_SEAL_KEY_BYTES] = "another key, as long as that one";

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
test_signature_is_for_these_fields (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  g_autoptr (StreamerSeal) other = streamer_seal_new (other_key);
  const char *fields[] = { "ab", "c", NULL };
  const char *moved[] = { "a", "bc", NULL };
  const char *fewer[] = { "ab", NULL };
  g_autofree char *signature = streamer_seal_sign (seal, "test", fields);

  g_assert_true (streamer_seal_verify (seal, "test", fields, signature));
  g_assert_false (streamer_seal_verify (seal, "other", fields, signature));
  g_assert_false (streamer_seal_verify (other, "test", fields, signature));
  g_assert_false (streamer_seal_verify (seal, "test", moved, signature));
  g_assert_false (streamer_seal_verify (seal, "test", fewer, signature));
  g_assert_false (streamer_seal_verify (seal, "test", fields, NULL));
  g_assert_false (streamer_seal_verify (seal, "test", fields, ""));
}

static void
test_what_is_sealed_comes_back (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);

  for (gsize length = 0; length < 100; length++)
    {
      g_autoptr (GBytes) data = g_bytes_new (key, MIN (length, sizeof key));
      g_autofree char *text = streamer_seal_close (seal, "test", data);
      g_autofree char *again = streamer_seal_close (seal, "test", data);
      g_autoptr (GBytes) back = streamer_seal_open (seal, "test", text);

      g_assert_true (g_bytes_equal (data, back));
      g_assert_cmpstr (text, ==, again);
    }
}

static void
test_changed_text_does_not_open (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  g_autoptr (StreamerSeal) other = streamer_seal_new (other_key);
  g_autoptr (GBytes) data = g_bytes_new_static ("secret", 6);
  g_autofree char *text = streamer_seal_close (seal, "test", data);
  const char *wrong[] = { "", "A", "AAAA", "====", "not base64 at all", "\303\244" };

  g_assert_null (strstr (text, "secret"));
  g_assert_null (streamer_seal_open (seal, "other", text));
  g_assert_null (streamer_seal_open (other, "test", text));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_null (streamer_seal_open (seal, "test", wrong[i]));
  for (gsize i = 0; i < strlen (text); i++)
    {
      g_autofree char *changed = g_strdup (text);
      g_autofree char *cut = g_strndup (text, i);

      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      g_assert_null (streamer_seal_open (seal, "test", changed));
      g_assert_null (streamer_seal_open (seal, "test", cut));
    }
}

static void
assert_no_upload (StreamerSeal *seal, const char *id, const char *principal)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_upload_id_open (seal, id, principal, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
}

static void
test_upload_id_is_its_principals (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  StreamerStorageUpload upload = {
    .id = (char *) "storage-id",
    .principal = (char *) "alice",
    .key = (char *) "folder/ü",
    .size = STREAMER_SIZE_UNKNOWN,
    .part_size = 7,
    .content_type = (char *) "text/plain",
    .overwrite = TRUE,
    .expires = now () + 100,
  };
  g_autofree char *id = streamer_upload_id_close (seal, &upload);
  g_autoptr (StreamerStorageUpload) back = NULL;

  back = streamer_upload_id_open (seal, id, "alice", NULL);
  g_assert_cmpstr (back->id, ==, upload.id);
  g_assert_cmpstr (back->key, ==, upload.key);
  g_assert_cmpstr (back->content_type, ==, upload.content_type);
  g_assert_cmpuint (back->size, ==, upload.size);
  g_assert_cmpuint (back->part_size, ==, 7);
  g_assert_cmpint (back->expires, ==, upload.expires);
  g_assert_true (back->overwrite);
  assert_no_upload (seal, id, "bob");
  assert_no_upload (seal, "", "alice");
  assert_no_upload (seal, "storage-id", "alice");
}

static void
test_upload_id_expires (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  StreamerStorageUpload upload = {
    .id = (char *) "a",
    .principal = (char *) "alice",
    .key = (char *) "k",
    .content_type = (char *) "a/b",
    .expires = now () - 1,
  };
  g_autofree char *id = streamer_upload_id_close (seal, &upload);

  assert_no_upload (seal, id, "alice");
}

static StreamerHttpRequest *
request_for (const char *target)
{
  g_autofree char *text = g_strdup_printf ("GET %s HTTP/1.0\r\n\r\n", target);
  guint refusal;
  StreamerHttpRequest *request = streamer_http_request_parse (text, strlen (text), &refusal);

  g_assert_nonnull (request);
  return request;
}

static void
assert_part_refused (StreamerSeal *seal, const char *target, StreamerError code)
{
  g_autoptr (StreamerHttpRequest) request = request_for (target);
  g_auto (StreamerPartGrant) grant = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (streamer_url_signer_check_part (seal, request, &grant, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
}

static void
test_part_url_allows_one_part (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  StreamerPartGrant grant = { .id = (char *) "0a",
                              .number = 3,
                              .length = G_GUINT64_CONSTANT (5) << 30,
                              .expires = now () + 100,
                              .has_crc32 = TRUE,
                              .crc32 = 0xdeadbeef };
  g_autofree char *url = streamer_url_signer_part_url (seal, &grant);
  g_autoptr (StreamerHttpRequest) request = request_for (url);
  g_auto (StreamerPartGrant) back = { 0 };
  g_autofree char *past = NULL;

  g_assert_true (streamer_url_signer_check_part (seal, request, &back, NULL));
  g_assert_cmpstr (back.id, ==, "0a");
  g_assert_cmpuint (back.number, ==, 3);
  g_assert_cmpuint (back.length, ==, grant.length);
  g_assert_true (back.has_crc32);
  g_assert_cmphex (back.crc32, ==, 0xdeadbeef);

  /* Any one character of it changed, and it is not ours. */
  for (gsize i = strlen ("/parts/"); i < strlen (url); i++)
    {
      g_autofree char *changed = g_strdup (url);

      changed[i] = changed[i] == '1' ? '2' : '1';
      assert_part_refused (seal, changed, STREAMER_ERROR_FORBIDDEN);
    }
  grant.expires = now () - 1;
  past = streamer_url_signer_part_url (seal, &grant);
  assert_part_refused (seal, past, STREAMER_ERROR_EXPIRED);
}

static void
test_part_url_is_no_link (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  const char *wrong[] = { "/",
                          "/parts",
                          "/parts/",
                          "/parts/a",
                          "/parts/a/1",
                          "/parts/a/1/2?length=1&expires=9",
                          "/parts/a/1?length=1&expires=99999999999&signature=x" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_part_refused (seal, wrong[i], STREAMER_ERROR_FORBIDDEN);
}

static void
test_other_path_is_no_link (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  const char *wrong[] = { "/", "/downloads", "/posts" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (StreamerHttpRequest) request = request_for (wrong[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (streamer_url_signer_check_download (seal, request, TRUE, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
    }
}

static void
test_download_url_names_its_key (gconstpointer data)
{
  const char *object_key = data;
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);

  for (guint with_expiry = 0; with_expiry < 2; with_expiry++)
    {
      g_autofree char *url =
          streamer_url_signer_download_url (seal, object_key, with_expiry ? now () + 100 : 0);
      g_autoptr (StreamerHttpRequest) request = request_for (url);
      g_autofree char *back = streamer_url_signer_check_download (seal, request, FALSE, NULL);

      g_assert_cmpstr (back, ==, object_key);
    }
}

static void
test_download_url_expires (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  g_autofree char *url = streamer_url_signer_download_url (seal, "a", now () - 1);
  g_autofree char *longer = g_strdup_printf ("/downloads/a?expires=%" G_GINT64_FORMAT "%s",
                                             now () + 1000, strstr (url, "&signature="));
  g_autoptr (StreamerHttpRequest) request = request_for (url);
  g_autoptr (StreamerHttpRequest) forged = request_for (longer);
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_url_signer_check_download (seal, request, FALSE, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXPIRED);
  g_clear_error (&error);
  g_assert_null (streamer_url_signer_check_download (seal, forged, FALSE, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
}

static void
test_public_download_needs_no_signature (void)
{
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  g_autoptr (StreamerHttpRequest) plain = request_for ("/downloads/a/b%20c");
  g_autoptr (StreamerHttpRequest) upwards = request_for ("/downloads/a/%2e%2e/b");
  g_autoptr (StreamerHttpRequest) forged = request_for ("/downloads/a/b%20c?signature=x");
  g_autofree char *back = streamer_url_signer_check_download (seal, plain, TRUE, NULL);

  g_assert_cmpstr (back, ==, "a/b c");
  g_assert_null (streamer_url_signer_check_download (seal, plain, FALSE, NULL));
  g_assert_null (streamer_url_signer_check_download (seal, upwards, TRUE, NULL));
  g_assert_null (streamer_url_signer_check_download (seal, forged, TRUE, NULL));
}

static const char *const keys[] = { "plain.txt", "a/b/c",          "%2e%2e/etc", "a%2Fb",
                                    "a b+c&d=e", "q?uestion#frag", "50%",        "üñí/😀",
                                    "עברית",     "a;b,c'd\"e",     "..a/...",    "\\back<>|" };

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/signature-is-for-these-fields", test_signature_is_for_these_fields);
  g_test_add_func ("/seal/what-is-sealed-comes-back", test_what_is_sealed_comes_back);
  g_test_add_func ("/seal/changed-text-does-not-open", test_changed_text_does_not_open);
  g_test_add_func ("/upload-id/is-its-principals", test_upload_id_is_its_principals);
  g_test_add_func ("/upload-id/expires", test_upload_id_expires);
  g_test_add_func ("/url-signer/part-url-allows-one-part", test_part_url_allows_one_part);
  g_test_add_func ("/url-signer/part-url-is-no-link", test_part_url_is_no_link);
  g_test_add_func ("/url-signer/other-path-is-no-link", test_other_path_is_no_link);
  g_test_add_func ("/url-signer/download-url-expires", test_download_url_expires);
  g_test_add_func ("/url-signer/public-download-needs-no-signature",
                   test_public_download_needs_no_signature);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *path = g_strdup_printf ("/url-signer/download-url-names-its-key/%zu", i);

      g_test_add_data_func (path, keys[i], test_download_url_names_its_key);
    }
  return g_test_run ();
}
