/* fuzz-json.c: strict JSON
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include "streamer-json.h"

static void
read_members (JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *name = names; name != NULL; name = name->next)
    {
      g_autoptr (GError) error = NULL;
      const char *text = streamer_json_get_string (object, name->data, &error);
      gboolean boolean;
      guint64 number = 0;

      g_assert_true ((text != NULL) == (error == NULL));
      g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
      if (streamer_json_get_uint (object, name->data, 7, 77, &number, NULL))
        g_assert_true (number >= 7 && number <= 77);
      streamer_json_get_optional_string (object, name->data, NULL);
      streamer_json_get_boolean (object, name->data, &boolean, NULL);
      streamer_json_get_object (object, name->data, NULL);
      streamer_json_get_array (object, name->data, 3, NULL);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = streamer_json_parse ((const char *) data, size, &error);
  g_autoptr (JsonNode) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *twice = NULL;

  fuzz_check_error (node != NULL, error);
  if (node == NULL)
    return 0;
  if (JSON_NODE_HOLDS_OBJECT (node))
    read_members (json_node_get_object (node));

  /* What it has understood can be written, and is understood in the same way. */
  text = streamer_json_to_string (node);
  again = streamer_json_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  twice = streamer_json_to_string (again);
  g_assert_cmpstr (text, ==, twice);
  return 0;
}
