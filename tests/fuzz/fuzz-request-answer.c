/* fuzz-request-answer.c: what a backend of the request API answers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is an answer of HTTP, with plain line feeds.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-capabilities.h"
#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-permissions.h"
#include "streamer-presigned-post.h"
#include "streamer-request-answer.h"
#include "streamer-request-messages.h"
#include "streamer-url.h"

#define MIB     G_GUINT64_CONSTANT (1048576)
#define TOKEN   "TOKEN-d41d8cd98f00"
#define API_KEY "APIKEY-b204e9800998"
#define NOW     1700000000

static void
check_presigned (const StreamerPresigned *presigned, guint64 size)
{
  g_assert_true (streamer_url_is_usable (presigned->url));
  g_assert_cmpuint (presigned->size, ==, size);
  g_assert_true (presigned->good_till - presigned->asked_at <= 15 * 60 * G_USEC_PER_SEC);
  for (char **header = presigned->headers; *header != NULL; header += 2)
    {
      g_autofree char *name = g_ascii_strdown (header[0], -1);

      g_assert_true (*name != '\0' && header[1] != NULL);
      g_assert_null (strpbrk (name, " \t\r\n:"));
      g_assert_null (strpbrk (header[1], "\r\n"));
      g_assert_true (!g_str_equal (name, "host") && !g_str_equal (name, "authorization") &&
                     !g_str_equal (name, "content-length") &&
                     !g_str_equal (name, "transfer-encoding"));
    }
}

static StreamerUpload *
make_upload (guint64 size)
{
  StreamerPlan plan;

  g_assert_true (streamer_plan_init (&plan, size, 5 * MIB, &streamer_limits_s3, NULL));
  return streamer_upload_new ("team-a/key", &plan, "text/plain", FALSE);
}

static void
read_begin (JsonObject *object, guint64 size)
{
  g_autoptr (StreamerUpload) upload = make_upload (size);
  g_autoptr (GError) error = NULL;
  gboolean ok = streamer_request_take_begin (upload, object, g_get_monotonic_time (), NOW, &error);
  g_autoptr (StreamerPresigned) presigned = streamer_permissions_find (upload, 1, size);

  fuzz_check_error (ok, error);
  if (ok)
    g_assert_true (*upload->upload_id != '\0' && strpbrk (upload->upload_id, "\r\n") == NULL);
  if (presigned != NULL)
    check_presigned (presigned, size);
}

static void
read_object (JsonObject *object)
{
  g_autoptr (StreamerUpload) upload = make_upload (12 * MIB);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStoredObject) stored =
      streamer_request_read_object (upload, object, 12 * MIB, "https://cdn.example", &error);

  fuzz_check_error (stored != NULL, error);
  if (stored == NULL)
    return;
  g_assert_cmpuint (stored->size, ==, 12 * MIB);
  if (stored->url != NULL)
    g_assert_true (streamer_url_is_usable (stored->url));
}

static void
read_batch (JsonArray *array)
{
  g_autoptr (StreamerUpload) upload = make_upload (12 * MIB);
  g_autoptr (GHashTable) sizes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (JsonArray) batch = streamer_request_make_batch (upload, 1, 5 * MIB, 100, sizes);
  g_autoptr (GError) error = NULL;
  gboolean ok =
      streamer_request_take_batch (upload, array, sizes, g_get_monotonic_time (), NOW, &error);

  g_assert_cmpuint (json_array_get_length (batch), ==, 3);
  fuzz_check_error (ok, error);
  for (guint i = 1; i <= 3; i++)
    {
      guint64 size = i < 3 ? 5 * MIB : 2 * MIB;
      g_autoptr (StreamerPresigned) presigned = streamer_permissions_find (upload, i, size);

      if (presigned != NULL)
        check_presigned (presigned, size);
    }
}

static void
read_parts (JsonNode *status)
{
  g_autoptr (StreamerUpload) upload = make_upload (12 * MIB);
  g_autoptr (GArray) parts = streamer_request_read_parts (upload, status);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  guint64 size;
  guint last = 0;

  if (parts == NULL)
    return;
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);

      g_assert_cmpuint (part->number, >, last);
      g_assert_cmpuint (part->number, <=, 3);
      g_assert_cmpuint (part->size, <=, 5 * MIB);
      last = part->number;
    }
  text = streamer_request_make_finish_parts (parts, &size);
  node = streamer_json_parse (text, strlen (text), NULL);
  g_assert_true (node != NULL && JSON_NODE_HOLDS_ARRAY (node));
  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, parts->len);
}

static void
read_status (JsonNode *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerCapabilities) capabilities = streamer_capabilities_parse (status, &error);

  fuzz_check_error (capabilities != NULL, error);
  if (capabilities != NULL)
    {
      const StreamerLimits *limits = &capabilities->limits;

      g_assert_cmpuint (limits->min_part_size, <=, limits->max_part_size);
      g_assert_true (limits->max_parts >= 1 && limits->max_parts <= streamer_limits_s3.max_parts);
      g_assert_true (limits->max_part_size >= 1 && capabilities->max_urls >= 1);
      g_assert_true (capabilities->domain == NULL || streamer_url_is_usable (capabilities->domain));
    }
  if (JSON_NODE_HOLDS_OBJECT (status))
    {
      read_begin (json_node_get_object (status), 12 * MIB);
      read_begin (json_node_get_object (status), 1);
      read_object (json_node_get_object (status));
    }
  if (JSON_NODE_HOLDS_ARRAY (status))
    read_batch (json_node_get_array (status));
  read_parts (status);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char *const secrets[] = { TOKEN, NULL, API_KEY };
  FuzzInput input = { data, size };
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) status = NULL;

  if (!fuzz_take_answer (&input, &answer))
    return -1;
  streamer_request_answer_get_version (&answer);
  status = streamer_request_answer_read (&answer, STREAMER_ERROR_NO_UPLOAD, NULL, secrets,
                                         G_N_ELEMENTS (secrets), &error);
  fuzz_check_error (status != NULL, error);
  if (status != NULL)
    read_status (status);
  else
    {
      fuzz_check_shown (error->message, TOKEN);
      fuzz_check_shown (error->message, API_KEY);
    }
  return 0;
}
