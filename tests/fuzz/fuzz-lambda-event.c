/* fuzz-lambda-event.c: requests as API Gateway writes them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include "streamer-json.h"
#include "streamer-lambda-event.h"
#include "streamer-remote.h"

static void
check_answer (const char *body)
{
  static const char *const headers[] = { "Content-Type", "application/json", NULL };
  g_autofree char *text = streamer_lambda_format_answer (200, headers, body);
  g_autoptr (JsonNode) node = streamer_json_parse (text, strlen (text), NULL);
  JsonObject *object = node != NULL ? json_node_get_object (node) : NULL;

  g_assert_nonnull (object);
  g_assert_cmpstr (streamer_json_get_string (object, "body", NULL), ==, body);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (StreamerLambdaEvent) event = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *network = NULL;
  gboolean ok = streamer_lambda_event_parse (&event, (const char *) data, size, &error);

  fuzz_check_error (ok, error);
  if (!ok)
    return 0;
  g_assert_true (event.method != NULL && event.body != NULL);
  g_assert_true (event.body[event.length] == '\0');
  g_assert_true (event.filename == NULL || g_utf8_validate (event.filename, -1, NULL));
  g_assert_true (event.origin == NULL || g_str_has_prefix (event.origin, "https://"));
  network = streamer_remote_get_network (event.remote);
  if (g_utf8_validate (event.body, event.length, NULL))
    check_answer (event.body);
  return 0;
}
