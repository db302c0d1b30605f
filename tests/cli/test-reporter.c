/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-reporter.h"

#include <json-glib/json-glib.h>

#include "streamer-error.h"
#include "streamer-plan.h"

typedef struct
{
  char *text;
  gsize length;
  FILE *out;
  StreamerReporter *reporter;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer output)
{
  fixture->out = open_memstream (&fixture->text, &fixture->length);
  fixture->reporter = streamer_reporter_new (fixture->out, GPOINTER_TO_INT (output));
}

static void
tear_down (Fixture *fixture, gconstpointer output)
{
  streamer_reporter_free (fixture->reporter);
  fclose (fixture->out);
  free (fixture->text);
}

static void
settle (Fixture *fixture, guint index, const char *key, const char *url, guint status_code)
{
  StreamerReceipt receipt = {
    .id = (char *) "1",
    .file = (char *) key,
    .key = (char *) key,
    .url = (char *) url,
    .status_code = status_code,
    .status = (char *) "words",
  };

  streamer_reporter_settle (fixture->reporter, index, &receipt);
}

static void
test_links_come_in_the_order_given (Fixture *fixture, gconstpointer output)
{
  settle (fixture, 3, "d", "http://x/d", 200);
  settle (fixture, 1, "b", "http://x/b", 200);
  g_assert_cmpuint (fixture->length, ==, 0);
  settle (fixture, 0, "a", "http://x/a", 200);
  g_assert_cmpstr (fixture->text, ==, "http://x/a\nhttp://x/b\n");
  settle (fixture, 2, "c", "http://x/c", 200);
  g_assert_cmpstr (fixture->text, ==, "http://x/a\nhttp://x/b\nhttp://x/c\nhttp://x/d\n");
}

static void
test_failures_print_no_link (Fixture *fixture, gconstpointer output)
{
  settle (fixture, 1, "b", "http://x/b", 200);
  settle (fixture, 0, "a", NULL, 409);
  g_assert_cmpstr (fixture->text, ==, "http://x/b\n");
}

static void
test_without_a_link_the_key_is_printed (Fixture *fixture, gconstpointer output)
{
  settle (fixture, 0, "p/a", NULL, 200);
  g_assert_cmpstr (fixture->text, ==, "p/a\n");
}

static void
test_only_links_are_printed (Fixture *fixture, gconstpointer output)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_BUSY, "x");

  streamer_reporter_state (fixture->reporter, "1", "a", "stalled", error);
  streamer_reporter_progress (fixture->reporter, "1", "a", 1, 2, 3, 4);
  streamer_reporter_settle_purge (fixture->reporter, 0, "a", 200, "gone");
  g_assert_cmpuint (fixture->length, ==, 0);
}

static JsonObject *
parse_line (const char *line)
{
  g_autoptr (JsonNode) node = json_from_string (line, NULL);

  g_assert_nonnull (node);
  return json_object_ref (json_node_get_object (node));
}

static void
test_an_object_for_each_file (Fixture *fixture, gconstpointer output)
{
  g_auto (GStrv) lines = NULL;
  g_autoptr (JsonObject) first = NULL;
  g_autoptr (JsonObject) second = NULL;

  settle (fixture, 1, "gr\xc3\xb6\xc3\x9f\x65 \"b\"", "http://x/b", 200);
  settle (fixture, 0, "a", NULL, 409);
  lines = g_strsplit (fixture->text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  first = parse_line (lines[0]);
  second = parse_line (lines[1]);
  g_assert_false (json_object_has_member (first, "event"));
  g_assert_cmpint (json_object_get_int_member (first, "status_code"), ==, 409);
  g_assert_true (json_object_get_null_member (first, "url"));
  g_assert_cmpstr (json_object_get_string_member (second, "key"), ==, "größe \"b\"");
  g_assert_cmpstr (json_object_get_string_member (second, "url"), ==, "http://x/b");
}

static void
test_a_stream_has_events (Fixture *fixture, gconstpointer output)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_BUSY, "Busy.");
  g_auto (GStrv) lines = NULL;

  streamer_reporter_state (fixture->reporter, "1", "a", "stalled", error);
  streamer_reporter_progress (fixture->reporter, "1", "a", 1, 2, 3, 4);
  streamer_reporter_progress (fixture->reporter, "2", "-", 1, STREAMER_SIZE_UNKNOWN, 3, -1);
  settle (fixture, 0, "a", "http://x/a", 200);
  settle (fixture, 1, "b", NULL, 409);
  streamer_reporter_settle_purge (fixture->reporter, 2, "c", 404, "gone");
  lines = g_strsplit (fixture->text, "\n", -1);
  g_assert_cmpstr (lines[0], ==,
                   "{\"event\":\"state\",\"id\":\"1\",\"file\":\"a\",\"state\":\"stalled\","
                   "\"status\":\"Busy.\"}");
  g_assert_cmpstr (lines[1], ==,
                   "{\"event\":\"progress\",\"id\":\"1\",\"file\":\"a\",\"sent\":1,\"size\":2,"
                   "\"speed\":3,\"time_left\":4}");
  g_assert_cmpstr (lines[2], ==,
                   "{\"event\":\"progress\",\"id\":\"2\",\"file\":\"-\",\"sent\":1,\"size\":null,"
                   "\"speed\":3,\"time_left\":null}");
  g_assert_true (g_str_has_prefix (lines[3], "{\"event\":\"done\",\"file\":\"a\","));
  g_assert_true (g_str_has_prefix (lines[4], "{\"event\":\"failed\",\"file\":\"b\","));
  g_assert_cmpstr (lines[5], ==,
                   "{\"event\":\"failed\",\"key\":\"c\",\"status_code\":404,\"status\":\"gone\"}");
}

static void
settle_object (Fixture *fixture)
{
  g_autoptr (JsonNode) node = json_from_string ("{\"verdict\":\"same\"}", NULL);

  streamer_reporter_settle_object (fixture->reporter, 1, "done", node, "b: same");
  streamer_reporter_settle_object (fixture->reporter, 0, "done", node, NULL);
}

static void
test_other_outcomes_are_text (Fixture *fixture, gconstpointer output)
{
  settle_object (fixture);
  g_assert_cmpstr (fixture->text, ==, "b: same\n");
}

static void
test_other_outcomes_are_objects (Fixture *fixture, gconstpointer output)
{
  settle_object (fixture);
  g_assert_cmpstr (fixture->text, ==,
                   "{\"event\":\"done\",\"verdict\":\"same\"}\n"
                   "{\"event\":\"done\",\"verdict\":\"same\"}\n");
}

static void
test_what_cannot_be_written_is_noticed (void)
{
  FILE *full = fopen ("/dev/full", "w");
  StreamerReporter *reporter = streamer_reporter_new (full, STREAMER_OUTPUT_LINKS);
  Fixture fixture = { .reporter = reporter };

  g_assert_false (streamer_reporter_has_failed (reporter));
  settle (&fixture, 0, "a", "http://x/a", 200);
  g_assert_true (streamer_reporter_has_failed (reporter));
  streamer_reporter_free (reporter);
  fclose (full);
}

#define ADD(name, output, function)                                                                \
  g_test_add ("/reporter/" name, Fixture, GINT_TO_POINTER (output), set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("links-come-in-the-order-given", STREAMER_OUTPUT_LINKS, test_links_come_in_the_order_given);
  ADD ("failures-print-no-link", STREAMER_OUTPUT_LINKS, test_failures_print_no_link);
  ADD ("without-a-link-the-key-is-printed", STREAMER_OUTPUT_LINKS,
       test_without_a_link_the_key_is_printed);
  ADD ("only-links-are-printed", STREAMER_OUTPUT_LINKS, test_only_links_are_printed);
  ADD ("an-object-for-each-file", STREAMER_OUTPUT_JSON, test_an_object_for_each_file);
  ADD ("a-stream-has-events", STREAMER_OUTPUT_JSON_STREAM, test_a_stream_has_events);
  ADD ("other-outcomes-are-text", STREAMER_OUTPUT_LINKS, test_other_outcomes_are_text);
  ADD ("other-outcomes-are-objects", STREAMER_OUTPUT_JSON_STREAM, test_other_outcomes_are_objects);
  g_test_add_func ("/reporter/what-cannot-be-written-is-noticed",
                   test_what_cannot_be_written_is_noticed);
  return g_test_run ();
}
