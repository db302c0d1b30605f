/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-audit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "streamer-json.h"

typedef struct
{
  char *folder;
  char *path;
  StreamerAudit *audit;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("streamer-audit-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "audit.log", NULL);
  fixture->audit = streamer_audit_new (fixture->path, NULL);
  g_assert_nonnull (fixture->audit);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  streamer_audit_free (fixture->audit);
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static GStrv
read_lines (const char *path)
{
  g_autofree char *text = NULL;
  GStrv lines;
  guint n;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  n = g_strv_length (lines);
  g_assert_cmpstr (lines[n - 1], ==, "");
  g_clear_pointer (&lines[n - 1], g_free);
  return lines;
}

static JsonNode *
parse (const char *line)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = streamer_json_parse (line, strlen (line), &error);

  g_assert_no_error (error);
  return node;
}

static void
write_key (StreamerAudit *audit, const char *key)
{
  const StreamerAuditEntry entry = { .request_id = "r",
                                     .principal = "p",
                                     .action = "begin",
                                     .key = key,
                                     .upload_id = "a-long-upload-id",
                                     .outcome = "done",
                                     .status = 200,
                                     .bytes = -1 };

  streamer_audit_write (audit, &entry);
}

static void
test_nothing_looks_like_another_line (Fixture *fixture, gconstpointer data)
{
  const char *keys[] = { "a\nb",      "a\"}\n{\"principal\":\"root\"",
                         "\r\033[2J", "\342\200\250",
                         "\377\376",  "\\",
                         "a\tb",      "\037",
                         "" };
  g_auto (GStrv) lines = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    write_key (fixture->audit, keys[i]);
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (keys));
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (JsonNode) node = parse (lines[i]);
      JsonObject *line = json_node_get_object (node);
      g_autofree char *valid = g_utf8_make_valid (keys[i], -1);

      g_assert_cmpstr (json_object_get_string_member (line, "key"), ==, valid);
      g_assert_cmpstr (json_object_get_string_member (line, "principal"), ==, "p");
      g_assert_null (strstr (lines[i], "a-long-upload-id"));
      for (const char *c = lines[i]; *c; c++)
        g_assert_false (g_ascii_iscntrl (*c));
    }
}

static void
test_lines_are_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *key = g_strnfill (1000000, '\001');
  g_auto (GStrv) lines = NULL;

  write_key (fixture->audit, key);
  lines = read_lines (fixture->path);
  g_assert_cmpuint (strlen (lines[0]), <, 8192);
}

static void
test_file_is_not_for_everybody (Fixture *fixture, gconstpointer data)
{
  struct stat status;

  g_assert_cmpint (stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 037, ==, 0);
}

static void
test_it_goes_on_in_a_new_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *old = g_strconcat (fixture->path, ".1", NULL);
  g_auto (GStrv) before = NULL, after = NULL;

  write_key (fixture->audit, "1");
  g_assert_cmpint (g_rename (fixture->path, old), ==, 0);
  write_key (fixture->audit, "2");
  g_assert_true (streamer_audit_reopen (fixture->audit, NULL));
  write_key (fixture->audit, "3");
  before = read_lines (old);
  after = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (before), ==, 2);
  g_assert_cmpuint (g_strv_length (after), ==, 1);
  g_assert_nonnull (strstr (after[0], "\"key\":\"3\""));
  g_unlink (old);
}

static gpointer
write_many (gpointer data)
{
  for (guint i = 0; i < 500; i++)
    write_key (data, "k");
  return NULL;
}

static void
test_threads_never_mix (Fixture *fixture, gconstpointer data)
{
  GThread *threads[4];
  g_auto (GStrv) lines = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("audit", write_many, fixture->audit);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 2000);
  for (gsize i = 0; lines[i]; i++)
    {
      g_autoptr (JsonNode) node = parse (lines[i]);

      g_assert_nonnull (node);
    }
}

static void
test_a_folder_is_no_log (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_audit_new (fixture->folder, &error));
  g_assert_nonnull (error);
}

#define ADD(path, func) g_test_add ("/audit/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing-looks-like-another-line", test_nothing_looks_like_another_line);
  ADD ("lines-are-bounded", test_lines_are_bounded);
  ADD ("file-is-not-for-everybody", test_file_is_not_for_everybody);
  ADD ("it-goes-on-in-a-new-file", test_it_goes_on_in_a_new_file);
  ADD ("threads-never-mix", test_threads_never_mix);
  ADD ("a-folder-is-no-log", test_a_folder_is_no_log);
  return g_test_run ();
}
