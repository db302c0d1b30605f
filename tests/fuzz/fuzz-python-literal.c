/* fuzz-python-literal.c: data in Python's notation
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include "streamer-json.h"
#include "streamer-python-literal.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = streamer_python_literal_parse ((const char *) data, size, &error);
  g_autoptr (JsonNode) again = NULL;
  g_autoptr (JsonNode) as_json = NULL;
  g_autofree char *text = NULL;
  g_autofree char *json = NULL;

  fuzz_check_error (node != NULL, error);
  if (node == NULL)
    return 0;
  text = streamer_python_literal_to_string (node);
  again = streamer_python_literal_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (node, again));

  /* The two readers know the same values. */
  json = streamer_json_to_string (node);
  as_json = streamer_json_parse (json, strlen (json), &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (node, as_json));
  return 0;
}
