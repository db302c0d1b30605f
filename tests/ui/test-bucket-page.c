/* test-bucket-page.c: the bucket to which uploads go, with keys of the user's own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "ui-test.h"

#include "script-server.h"
#include "streamer-bucket-page.h"
#include "streamer-expiry-row.h"
#include "streamer-preferences.h"
#include "streamer-row-note.h"
#include "streamer-saved-connection.h"
#include "streamer-settings.h"
#include "streamer-test-group.h"

typedef struct
{
  GSettings *settings;
  GSettings *bucket;
  StreamerSecrets *secrets;
  GtkWindow *window;
  GtkWidget *page;
  ScriptServer *store;
} Fixture;

static void
reset (GSettings *settings)
{
  g_autoptr (GSettingsSchema) schema = NULL;
  g_auto (GStrv) keys = NULL;

  g_object_get (settings, "settings-schema", &schema, NULL);
  keys = g_settings_schema_list_keys (schema);
  for (guint i = 0; keys[i] != NULL; i++)
    g_settings_reset (settings, keys[i]);
}

static gpointer
child (Fixture *fixture, const char *name)
{
  return ui_test_child (fixture->window, STREAMER_TYPE_PREFERENCES, name);
}

static gpointer
page_child (Fixture *fixture, const char *name)
{
  return ui_test_child (fixture->page, STREAMER_TYPE_BUCKET_PAGE, name);
}

static gpointer
test_child (Fixture *fixture, const char *name)
{
  return ui_test_child (page_child (fixture, "test_group"), STREAMER_TYPE_TEST_GROUP, name);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->settings = streamer_settings_new (&error);
  g_assert_no_error (error);
  fixture->bucket = streamer_settings_new_for_connection (STREAMER_BUCKET_ID, &error);
  g_assert_no_error (error);
  reset (fixture->settings);
  reset (fixture->bucket);
  fixture->secrets = streamer_memory_secrets_new (NULL);
  fixture->store = script_server_new ();
  fixture->window = streamer_preferences_new (fixture->settings, fixture->secrets);
  fixture->page = child (fixture, "bucket_page");
  gtk_window_present (fixture->window);
  streamer_preferences_show_bucket (STREAMER_PREFERENCES (fixture->window));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (fixture->window);
  g_object_unref (fixture->bucket);
  g_object_unref (fixture->settings);
  /* Nobody but an answer that is on its way holds on to them. */
  g_object_add_weak_pointer (G_OBJECT (fixture->secrets), (gpointer *) &fixture->secrets);
  g_object_unref (fixture->secrets);
  ui_test_wait (fixture->secrets == NULL);
  script_server_free (fixture->store);
}

static void
enter (gpointer row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  g_signal_emit_by_name (gtk_editable_get_delegate (GTK_EDITABLE (row)), "activate");
}

static void
assert_setting (GSettings *settings, const char *key, const char *wanted)
{
  g_autofree char *value = g_settings_get_string (settings, key);

  g_assert_cmpstr (value, ==, wanted);
}

static void
assert_note (gpointer note, StreamerNoteKind kind, const char *part)
{
  g_assert_cmpint (streamer_row_note_get_kind (note), ==, kind);
  if (strstr (streamer_row_note_get_text (note), part) == NULL)
    g_error ("the note is “%s”", streamer_row_note_get_text (note));
  g_assert_cmpint (gtk_widget_get_visible (note), ==, *part != '\0');
}

typedef struct
{
  const char *row;
  const char *key;
  const char *text;
  StreamerNoteKind kind;
  const char *says;
} TextCase;

static const TextCase text_cases[] = {
  { "bucket", STREAMER_SETTING_BUCKET, "films", STREAMER_NOTE_PLAIN, "" },
  { "bucket", STREAMER_SETTING_BUCKET, " films/a b ", STREAMER_NOTE_PLAIN, "" },
  { "bucket", STREAMER_SETTING_BUCKET, "", STREAMER_NOTE_PLAIN, "behind a slash" },
  { "bucket", STREAMER_SETTING_BUCKET, "my films", STREAMER_NOTE_ERROR, "no usable name" },
  { "bucket", STREAMER_SETTING_BUCKET, "films/../a", STREAMER_NOTE_ERROR, ".." },
  { "bucket", STREAMER_SETTING_BUCKET, "s3://films", STREAMER_NOTE_ERROR, "the name only" },
  { "endpoint", STREAMER_SETTING_ENDPOINT, "https://s3.example.org", STREAMER_NOTE_PLAIN, "" },
  { "endpoint", STREAMER_SETTING_ENDPOINT, "http://127.0.0.1:7480", STREAMER_NOTE_PLAIN, "" },
  { "endpoint", STREAMER_SETTING_ENDPOINT, "http://s3.example.org", STREAMER_NOTE_WARNING,
    "not encrypted" },
  { "endpoint", STREAMER_SETTING_ENDPOINT, "", STREAMER_NOTE_PLAIN, "Amazon S3" },
  { "endpoint", STREAMER_SETTING_ENDPOINT, "s3.example.org", STREAMER_NOTE_ERROR,
    "not a web address" },
  { "endpoint", STREAMER_SETTING_ENDPOINT, "https://a:b@s3.example.org", STREAMER_NOTE_ERROR,
    "password" },
  { "region", STREAMER_SETTING_REGION, "eu-central-1", STREAMER_NOTE_PLAIN, "" },
  { "region", STREAMER_SETTING_REGION, "eu central", STREAMER_NOTE_ERROR, "letters" },
  { "access_key", STREAMER_SETTING_ACCESS_KEY, "AKIDEXAMPLE", STREAMER_NOTE_PLAIN, "" },
  { "access_key", STREAMER_SETTING_ACCESS_KEY, "", STREAMER_NOTE_PLAIN, "AWS tools" },
  { "access_key", STREAMER_SETTING_ACCESS_KEY, "wJalr/K7MD", STREAMER_NOTE_ERROR, "secret key" },
  { "storage_class", STREAMER_SETTING_STORAGE_CLASS, "STANDARD_IA", STREAMER_NOTE_PLAIN, "" },
  { "storage_class", STREAMER_SETTING_STORAGE_CLASS, "a/b", STREAMER_NOTE_ERROR, "letters" },
  { "domain", STREAMER_SETTING_DOMAIN, "http://files.example.org", STREAMER_NOTE_PLAIN, "" },
  { "domain", STREAMER_SETTING_DOMAIN, "files", STREAMER_NOTE_ERROR, "not a web address" },
};

static void
test_text_is_checked_and_saved (Fixture *fixture, gconstpointer data)
{
  const TextCase *test = data;
  g_autofree char *row = g_strconcat (test->row, "_row", NULL);
  g_autofree char *note = g_strconcat (test->row, "_note", NULL);
  g_autofree char *trimmed = g_strstrip (g_strdup (test->text));

  enter (page_child (fixture, row), test->text);
  assert_note (page_child (fixture, note), test->kind, test->says);
  assert_setting (fixture->bucket, test->key, test->kind == STREAMER_NOTE_ERROR ? "" : trimmed);
}

static void
test_settings_are_shown (Fixture *fixture, gconstpointer data)
{
  GtkSwitch *virtual_host = page_child (fixture, "virtual_host_switch");
  AdwComboRow *expires = page_child (fixture, "link_expires_row");

  g_settings_set_string (fixture->bucket, STREAMER_SETTING_ACCESS_KEY, "OTHER");
  g_assert_cmpstr (gtk_editable_get_text (page_child (fixture, "access_key_row")), ==, "OTHER");

  /* Amazon S3 leaves no choice. */
  g_assert_false (gtk_widget_get_visible (page_child (fixture, "virtual_host_row")));
  enter (page_child (fixture, "endpoint_row"), "https://s3.example.org");
  g_assert_true (gtk_widget_get_visible (page_child (fixture, "virtual_host_row")));
  gtk_switch_set_active (virtual_host, TRUE);
  g_assert_true (g_settings_get_boolean (fixture->bucket, STREAMER_SETTING_VIRTUAL_HOST));

  g_assert_cmpuint (adw_combo_row_get_selected (expires), ==, 4);
  adw_combo_row_set_selected (expires, 0);
  g_assert_cmpint (g_settings_get_int (fixture->bucket, STREAMER_SETTING_LINK_EXPIRES), ==, 3600);
  /* A time that was set elsewhere is not lost. */
  g_settings_set_int (fixture->bucket, STREAMER_SETTING_LINK_EXPIRES, 90);
  g_assert_cmpuint (g_list_model_get_n_items (adw_combo_row_get_model (expires)), ==, 6);
  g_assert_cmpuint (adw_combo_row_get_selected (expires), ==, 0);
  g_assert_cmpint (g_settings_get_int (fixture->bucket, STREAMER_SETTING_LINK_EXPIRES), ==, 90);

  /* Links to a download address do not end. */
  g_assert_true (gtk_widget_get_sensitive (GTK_WIDGET (expires)));
  enter (page_child (fixture, "domain_row"), "https://files.example.org");
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (expires)));
}

static void
test_new_bucket_becomes_the_default (Fixture *fixture, gconstpointer data)
{
  AdwComboRow *combo = child (fixture, "connection_row");
  GtkWidget *connect_row = child (fixture, "connect_bucket_row");

  g_assert_true (gtk_widget_get_visible (connect_row));
  enter (page_child (fixture, "bucket_row"), "films");
  assert_setting (fixture->settings, STREAMER_SETTING_CONNECTION, "bucket");
  assert_setting (fixture->bucket, STREAMER_SETTING_KIND, "s3");
  assert_setting (fixture->bucket, STREAMER_SETTING_NAME, "films");
  g_assert_cmpuint (adw_combo_row_get_selected (combo), ==, 1);
  g_assert_false (gtk_widget_get_visible (connect_row));
  assert_note (child (fixture, "connection_note"), STREAMER_NOTE_PLAIN, "straight into “films”");

  /* The server stands beside it. */
  g_assert_true (gtk_widget_get_visible (child (fixture, "connect_row")));

  enter (page_child (fixture, "bucket_row"), "");
  assert_setting (fixture->settings, STREAMER_SETTING_CONNECTION, "this-computer");
  g_assert_true (gtk_widget_get_visible (connect_row));
}

static void
answer (Fixture *fixture, guint status, const char *body)
{
  g_autofree char *text = g_strdup_printf ("HTTP/1.1 %u Scripted\r\n"
                                           "Content-Type: application/xml\r\n"
                                           "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                                           status, strlen (body), body);
  const ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY, .answer = text };

  script_server_add (fixture->store, &step);
}

static void
fill_in (Fixture *fixture)
{
  gtk_editable_set_text (page_child (fixture, "bucket_row"), "films/new");
  gtk_editable_set_text (page_child (fixture, "endpoint_row"),
                         script_server_get_url (fixture->store));
  gtk_editable_set_text (page_child (fixture, "region_row"), "eu-central-1");
  gtk_editable_set_text (page_child (fixture, "access_key_row"), "AKIDEXAMPLE");
  gtk_editable_set_text (page_child (fixture, "secret_key_row"), "secret-4711");
}

static const char *
test_connection (Fixture *fixture)
{
  GtkWidget *button = test_child (fixture, "test_button");

  g_signal_emit_by_name (button, "clicked");
  g_assert_false (gtk_widget_get_sensitive (button));
  ui_test_wait (gtk_widget_get_sensitive (button));
  g_assert_true (gtk_widget_get_visible (test_child (fixture, "result_box")));

  return gtk_label_get_text (test_child (fixture, "result_label"));
}

static void
test_connection_works (Fixture *fixture, gconstpointer data)
{
  g_autofree char *secret = NULL;

  fill_in (fixture);
  answer (fixture, 200, "");
  answer (fixture, 200,
          "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
  answer (fixture, 204, "");
  g_assert_cmpstr (test_connection (fixture), ==, "It works. Files can be put into the bucket.");
  g_assert_cmpuint (script_server_count (fixture->store), ==, 3);
  secret = streamer_secrets_lookup (fixture->secrets, "bucket", STREAMER_SECRET_S3_KEY, NULL, NULL);
  g_assert_cmpstr (secret, ==, "secret-4711");

  /* It was about other values. */
  gtk_editable_set_text (page_child (fixture, "region_row"), "eu-west-1");
  g_assert_false (gtk_widget_get_visible (test_child (fixture, "result_box")));
}

static void
test_connection_is_refused (Fixture *fixture, gconstpointer data)
{
  const char *text;

  fill_in (fixture);
  answer (fixture, 403, "");
  answer (fixture, 403, "<Error><Code>SignatureDoesNotMatch</Code></Error>");
  text = test_connection (fixture);
  g_assert_nonnull (strstr (text, "The secret key does not belong to the access key"));
  g_assert_nonnull (strstr (text, "\nEnter the access key"));
}

static void
test_connection_needs_usable_values (Fixture *fixture, gconstpointer data)
{
  GtkWidget *button = test_child (fixture, "test_button");

  g_signal_emit_by_name (button, "clicked");
  g_assert_true (gtk_widget_get_sensitive (button));
  assert_note (page_child (fixture, "bucket_note"), STREAMER_NOTE_ERROR, "Enter the name");

  fill_in (fixture);
  gtk_editable_set_text (page_child (fixture, "endpoint_row"), "nowhere");
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (gtk_widget_get_sensitive (button));
  assert_note (page_child (fixture, "endpoint_note"), STREAMER_NOTE_ERROR, "not a web address");
  g_assert_cmpuint (script_server_count (fixture->store), ==, 0);
}

static void
add (const char *path, void (*function) (Fixture *, gconstpointer), gconstpointer data)
{
  g_test_add (path, Fixture, data, set_up, function, tear_down);
}

int
main (int argc, char *argv[])
{
  ui_test_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (text_cases); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/bucket-page/text-is-checked-and-saved/%s/%u", text_cases[i].row, i);

      add (path, test_text_is_checked_and_saved, &text_cases[i]);
    }
  add ("/bucket-page/settings-are-shown", test_settings_are_shown, NULL);
  add ("/bucket-page/new-bucket-becomes-the-default", test_new_bucket_becomes_the_default, NULL);
  add ("/bucket-page/connection-works", test_connection_works, NULL);
  add ("/bucket-page/connection-is-refused", test_connection_is_refused, NULL);
  add ("/bucket-page/connection-needs-usable-values", test_connection_needs_usable_values, NULL);

  return g_test_run ();
}
