/* fuzz-presigned-post.c: a permission to post a form, and the form that is made of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is the key in a line, and the permission behind it.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-form-reader.h"
#include "streamer-form.h"
#include "streamer-json.h"
#include "streamer-presigned-post.h"
#include "streamer-url.h"

static gboolean
begin_file (gpointer user_data, GError **error)
{
  return TRUE;
}

static gboolean
take_file (const void *data, gsize length, gpointer user_data, GError **error)
{
  return TRUE;
}

/* Whoever reads the form sees these fields, and no others. */
static void
check_form (char **fields)
{
  static const StreamerFormSink sink = { begin_file, take_file };
  g_auto (StreamerForm) form = { 0 };
  g_autoptr (StreamerFormReader) reader = NULL;
  gconstpointer head;
  gsize length;

  streamer_form_init (&form, (const char *const *) fields);
  reader = streamer_form_reader_new (form.content_type, &sink, NULL, NULL);
  g_assert_nonnull (reader);
  head = g_bytes_get_data (form.head, &length);
  /* Too many fields, or the same twice in another case, are not for our own server. */
  if (!streamer_form_reader_feed (reader, head, length, NULL))
    return;
  for (; *fields != NULL; fields += 2)
    {
      g_autofree char *name = g_ascii_strdown (fields[0], -1);

      g_assert_cmpstr (streamer_form_reader_get_field (reader, name), ==, fields[1]);
    }
}

static void
check_post (JsonNode *status, const char *key)
{
  g_auto (StreamerPresignedPost) post = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean ok = streamer_presigned_post_parse (&post, status, key, &error);
  gboolean has_key = FALSE;

  fuzz_check_error (ok, error);
  if (!ok)
    return;
  g_assert_true (streamer_url_is_usable (post.url));
  for (char **field = post.fields; *field != NULL; field += 2)
    {
      g_assert_true (**field != '\0' && field[1] != NULL);
      g_assert_null (strpbrk (field[0], "\"\\\r\n "));
      g_assert_cmpint (g_ascii_strcasecmp (field[0], "file"), !=, 0);
      if (g_str_equal (field[0], "key"))
        {
          g_assert_true (g_str_has_prefix (field[1], key));
          has_key = TRUE;
        }
    }
  g_assert_true (has_key);
  check_form (post.fields);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autofree char *key = fuzz_take_line (&input);
  g_autoptr (JsonNode) node = streamer_json_parse ((const char *) input.data, input.size, NULL);
  g_autofree char *text = fuzz_take_text (&input);

  if (node != NULL)
    check_post (node, key);
  if (text != NULL && g_utf8_validate (text, -1, NULL))
    {
      g_autoptr (JsonNode) status = json_node_init_string (json_node_alloc (), text);

      check_post (status, key);
    }
  return 0;
}
