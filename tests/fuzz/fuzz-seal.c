/* fuzz-seal.c: what clients carry for the server: upload ids, forms, temporary names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is what a client gives back in a line, and behind it what the server has sealed.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-base64url.h"
#include "streamer-error.h"
#include "streamer-post-grant.h"
#include "streamer-staged-name.h"
#include "streamer-upload-id.h"

static void
check_base64url (const char *text, const FuzzInput *input)
{
  gsize length, again_length;
  g_autofree guint8 *bytes = streamer_base64url_decode (text, strlen (text), &length);
  g_autofree char *encoded = streamer_base64url_encode (input->data, input->size);
  g_autofree guint8 *again = streamer_base64url_decode (encoded, strlen (encoded), &again_length);

  g_assert_nonnull (again);
  g_assert_cmpmem (again, again_length, input->data, input->size);
  if (bytes != NULL)
    {
      /* No other text stands for the same bytes. */
      g_autofree char *same = streamer_base64url_encode (bytes, length);

      g_assert_cmpstr (same, ==, text);
    }
}

/* What is changed by one character is not ours any more. */
static void
check_sealed (StreamerSeal *seal, const FuzzInput *input)
{
  g_autoptr (GBytes) data = g_bytes_new (input->data, MIN (input->size, 4096));
  g_autofree char *sealed = streamer_seal_close (seal, "a", data);
  g_autoptr (GBytes) opened = streamer_seal_open (seal, "a", sealed);
  gsize at = input->size > 0 ? input->data[0] * 7919 % strlen (sealed) : 0;

  g_assert_true (opened != NULL && g_bytes_equal (opened, data));
  g_assert_null (streamer_seal_open (seal, "b", sealed));
  sealed[at] = sealed[at] == 'A' ? 'B' : 'A';
  g_assert_null (streamer_seal_open (seal, "a", sealed));
}

static void
check_upload (StreamerSeal *seal, const char *text, const FuzzInput *input)
{
  FuzzInput rest = *input;
  g_autofree char *key = fuzz_take_text (&rest);
  StreamerStorageUpload upload = {
    .id = (char *) text,
    .principal = (char *) "team",
    .key = key,
    .size = input->size * 12345,
    .part_size = input->size,
    .content_type = (char *) "text/plain",
    .overwrite = input->size % 2,
    .expires = G_MAXINT64,
  };
  g_autofree char *sealed = NULL;
  g_autoptr (StreamerStorageUpload) opened = NULL;
  g_autoptr (GError) error = NULL;

  if (key == NULL || !g_utf8_validate (key, -1, NULL) || !g_utf8_validate (text, -1, NULL))
    return;
  sealed = streamer_upload_id_close (seal, &upload);
  g_assert_null (streamer_upload_id_open (seal, sealed, "tea", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
  opened = streamer_upload_id_open (seal, sealed, "team", NULL);
  /* Longer than any key may be, it is not read back. */
  if (opened == NULL)
    {
      g_assert_cmpuint (strlen (key) + strlen (text), >, 2048);
      return;
    }
  g_assert_cmpstr (opened->id, ==, text);
  g_assert_cmpstr (opened->key, ==, key);
  g_assert_cmpuint (opened->size, ==, upload.size);
  g_assert_cmpuint (opened->part_size, ==, upload.part_size);
  g_assert_true (opened->overwrite == upload.overwrite);
}

static void
check_given (StreamerSeal *seal, const char *text)
{
  g_autoptr (GError) error = NULL, form_error = NULL;
  g_auto (StreamerPostGrant) grant = { 0 };

  g_assert_null (streamer_seal_open (seal, "a", text));
  g_assert_null (streamer_upload_id_open (seal, text, "team", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
  g_assert_false (streamer_post_grant_check (seal, "key", text, text, &grant, &form_error));
  g_assert_error (form_error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
  g_assert_false (streamer_staged_name_is_ours (seal, text));
}

/* A name is always its own principal's. */
static void
check_staged (StreamerSeal *seal, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *ours = streamer_staged_name_resolve (seal, "team", text, &error);
  g_autofree char *theirs = streamer_staged_name_resolve (seal, "other", text, NULL);
  g_autofree char *again = NULL;

  fuzz_check_error (ours != NULL, error);
  if (ours == NULL)
    return;
  g_assert_true (g_str_has_prefix (ours, STREAMER_STAGED_PREFIX));
  g_assert_null (strchr (ours + strlen (STREAMER_STAGED_PREFIX), '/'));
  g_assert_true (streamer_staged_name_is_ours (seal, ours));
  g_assert_cmpstr (ours, !=, theirs);
  again = streamer_staged_name_resolve (seal, "team", ours, NULL);
  g_assert_cmpstr (again, ==, ours);
  g_assert_null (streamer_staged_name_resolve (seal, "other", ours, NULL));
}

static void
check_form (StreamerSeal *seal, const char *key)
{
  StreamerPostGrant grant = {
    .key = (char *) key,
    .principal = (char *) "team",
    .max_size = 7,
    .max_staged = 77,
    .expires = G_MAXINT64,
  };
  g_auto (StreamerPostGrant) read = { 0 };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) fields = NULL;

  if (!g_utf8_validate (key, -1, NULL))
    return;
  fields = streamer_post_grant_sign (seal, &grant);
  g_assert_true (streamer_post_grant_check (seal, fields[1], fields[3], fields[5], &read, &error));
  g_assert_cmpstr (read.key, ==, key);
  g_assert_cmpstr (read.principal, ==, "team");
  g_assert_true (read.max_size == 7 && read.max_staged == 77 && read.expires == G_MAXINT64);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint8 bytes[STREAMER_SEAL_KEY_BYTES] = { 7 };
  g_autoptr (StreamerSeal) seal = streamer_seal_new (bytes);
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_take_line (&input);

  check_base64url (text, &input);
  check_given (seal, text);
  check_staged (seal, text);
  check_form (seal, text);
  check_sealed (seal, &input);
  check_upload (seal, text, &input);
  return 0;
}
