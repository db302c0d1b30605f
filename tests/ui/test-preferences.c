/* test-preferences.c: the settings of uploads, and the server to which they go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "ui-test.h"

#include <libsoup/soup.h>

#include "streamer-preferences.h"
#include "streamer-row-note.h"
#include "streamer-saved-connection.h"
#include "streamer-server-page.h"
#include "streamer-settings.h"
#include "streamer-test-group.h"

typedef struct
{
  GSettings *settings;
  GSettings *server;
  StreamerSecrets *secrets;
  GtkWindow *window;
  GtkWidget *page;
  SoupServer *backend;
  const char *answer;
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
  return ui_test_child (fixture->page, STREAMER_TYPE_SERVER_PAGE, name);
}

static gpointer
test_child (Fixture *fixture, const char *name)
{
  return ui_test_child (page_child (fixture, "test_group"), STREAMER_TYPE_TEST_GROUP, name);
}

static void
open_window (Fixture *fixture)
{
  fixture->window = streamer_preferences_new (fixture->settings, fixture->secrets);
  fixture->page = child (fixture, "server_page");
  gtk_window_present (fixture->window);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->settings = streamer_settings_new (&error);
  g_assert_no_error (error);
  fixture->server = streamer_settings_new_for_connection (STREAMER_SERVER_ID, &error);
  g_assert_no_error (error);
  reset (fixture->settings);
  reset (fixture->server);
  fixture->secrets = streamer_memory_secrets_new (NULL);
  open_window (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (fixture->window);
  g_clear_object (&fixture->backend);
  g_object_unref (fixture->server);
  g_object_unref (fixture->settings);
  /* Nobody but an answer that is on its way holds on to them. */
  g_object_add_weak_pointer (G_OBJECT (fixture->secrets), (gpointer *) &fixture->secrets);
  g_object_unref (fixture->secrets);
  ui_test_wait (fixture->secrets == NULL);
}

static void
type_text (gpointer row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (row), text);
}

static void
press_enter (gpointer row)
{
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
  g_assert_nonnull (strstr (streamer_row_note_get_text (note), part));
  g_assert_cmpint (gtk_widget_get_visible (note), ==, *part != '\0');
}

static void
assert_range (Fixture *fixture, const char *name, const char *key, int lower, int upper)
{
  GtkAdjustment *adjustment = child (fixture, name);
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GSettingsSchemaKey) schema_key = NULL;
  const int limits[] = { lower - 1, lower, upper, upper + 1 };

  g_assert_cmpfloat (gtk_adjustment_get_lower (adjustment), ==, lower);
  g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), ==, upper);

  gtk_adjustment_set_value (adjustment, upper + 1000);
  g_assert_cmpint (g_settings_get_int (fixture->settings, key), ==, upper);
  gtk_adjustment_set_value (adjustment, lower - 1000);
  g_assert_cmpint (g_settings_get_int (fixture->settings, key), ==, lower);
  g_settings_set_int (fixture->settings, key, lower + 7);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, lower + 7);

  /* The schema allows what the window offers, and no more. */
  g_object_get (fixture->settings, "settings-schema", &schema, NULL);
  schema_key = g_settings_schema_get_key (schema, key);
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (limits[i]));

      g_assert_cmpint (g_settings_schema_key_range_check (schema_key, value), ==,
                       limits[i] >= lower && limits[i] <= upper);
    }
}

static void
test_numbers_have_ranges (Fixture *fixture, gconstpointer data)
{
  assert_range (fixture, "parts_adjustment", STREAMER_SETTING_PARTS, 1, 64);
  assert_range (fixture, "part_size_adjustment", STREAMER_SETTING_PART_SIZE, 5, 5120);
}

static void
assert_switch_is_bound (Fixture *fixture, const char *name, const char *key)
{
  GtkSwitch *widget = child (fixture, name);

  g_assert_false (gtk_switch_get_active (widget));
  gtk_switch_set_active (widget, TRUE);
  g_assert_true (g_settings_get_boolean (fixture->settings, key));
  g_settings_set_boolean (fixture->settings, key, FALSE);
  g_assert_false (gtk_switch_get_active (widget));
}

static void
test_switches_are_bound (Fixture *fixture, gconstpointer data)
{
  assert_switch_is_bound (fixture, "overwrite_switch", STREAMER_SETTING_OVERWRITE);
  assert_switch_is_bound (fixture, "sha256_switch", STREAMER_SETTING_SHA256);
}

static void
test_temporary_folder_is_shown_as_text (Fixture *fixture, gconstpointer data)
{
  AdwActionRow *row = child (fixture, "tmp_row");
  GtkWidget *button = child (fixture, "tmp_reset_button");

  g_assert_false (gtk_widget_get_visible (button));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (row), "/tmp"));

  g_settings_set_string (fixture->settings, STREAMER_SETTING_TMP, "/srv/a & <b>");
  g_assert_false (adw_preferences_row_get_use_markup (ADW_PREFERENCES_ROW (row)));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (row), "/srv/a & <b>"));

  g_assert_true (gtk_widget_get_visible (button));
  g_signal_emit_by_name (button, "clicked");
  assert_setting (fixture->settings, STREAMER_SETTING_TMP, "");
}

static void
test_target_folder_is_validated (Fixture *fixture, gconstpointer data)
{
  gpointer row = child (fixture, "target_folder_row");
  gpointer note = child (fixture, "target_folder_note");

  type_text (row, " /team/reports/ ");
  press_enter (row);
  assert_setting (fixture->settings, STREAMER_SETTING_TARGET_FOLDER, "team/reports");
  assert_note (note, STREAMER_NOTE_PLAIN, "");

  type_text (row, "team/../secret");
  press_enter (row);
  assert_note (note, STREAMER_NOTE_ERROR, "..");
  gtk_test_accessible_assert_state (row, GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);
  assert_setting (fixture->settings, STREAMER_SETTING_TARGET_FOLDER, "team/reports");

  type_text (row, "/");
  press_enter (row);
  assert_note (note, STREAMER_NOTE_PLAIN, "");
  gtk_test_accessible_assert_state (row, GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_FALSE);
  assert_setting (fixture->settings, STREAMER_SETTING_TARGET_FOLDER, "");
}

typedef struct
{
  const char *url;
  StreamerNoteKind kind;
  const char *says;
  gboolean saved;
} UrlCase;

static const UrlCase url_cases[] = {
  { "https://files.example.org/upload/request", STREAMER_NOTE_PLAIN, "", TRUE },
  { " HTTPS://files.example.org ", STREAMER_NOTE_PLAIN, "", TRUE },
  { "http://localhost:8333/upload/request", STREAMER_NOTE_PLAIN, "", TRUE },
  { "http://127.0.0.1:8333/upload/request", STREAMER_NOTE_PLAIN, "", TRUE },
  { "http://[::1]:8333/upload/request", STREAMER_NOTE_PLAIN, "", TRUE },
  { "http://files.example.org/request", STREAMER_NOTE_WARNING, "not encrypted", TRUE },
  { "http://localhost.example.org/request", STREAMER_NOTE_WARNING, "not encrypted", TRUE },
  { "files.example.org", STREAMER_NOTE_ERROR, "not a web address", FALSE },
  { "ftp://files.example.org", STREAMER_NOTE_ERROR, "not a web address", FALSE },
  { "javascript:alert(1)", STREAMER_NOTE_ERROR, "not a web address", FALSE },
  { "https://files example.org", STREAMER_NOTE_ERROR, "not a web address", FALSE },
  { "https://", STREAMER_NOTE_ERROR, "name of the server", FALSE },
  { "https:///request", STREAMER_NOTE_ERROR, "name of the server", FALSE },
  { "https://me:secret@files.example.org", STREAMER_NOTE_ERROR, "password", FALSE },
  { "https://files.example.org/?token=1", STREAMER_NOTE_ERROR, "?", FALSE },
};

static void
test_request_url_is_validated (Fixture *fixture, gconstpointer data)
{
  const UrlCase *test = data;
  gpointer row = page_child (fixture, "request_url_row");
  g_auto (GStrv) ids = NULL;

  type_text (row, test->url);
  g_assert_cmpint (streamer_row_note_get_kind (page_child (fixture, "request_url_note")), !=,
                   STREAMER_NOTE_ERROR);
  press_enter (row);
  assert_note (page_child (fixture, "request_url_note"), test->kind, test->says);
  ids = g_settings_get_strv (fixture->settings, STREAMER_SETTING_CONNECTIONS);
  g_assert_cmpint (g_strv_contains ((const char *const *) ids, "server"), ==, test->saved);
  if (test->saved)
    {
      g_autofree char *trimmed = g_strstrip (g_strdup (test->url));

      assert_setting (fixture->server, STREAMER_SETTING_REQUEST_URL, trimmed);
    }
  else
    assert_setting (fixture->server, STREAMER_SETTING_REQUEST_URL, "");
}

static void
test_new_server_becomes_the_default (Fixture *fixture, gconstpointer data)
{
  gpointer row = page_child (fixture, "request_url_row");
  AdwComboRow *combo = child (fixture, "connection_row");
  GtkWidget *connect_row = child (fixture, "connect_row");

  g_assert_true (gtk_widget_get_visible (connect_row));
  assert_note (child (fixture, "connection_note"), STREAMER_NOTE_PLAIN, "this computer only");

  type_text (row, "https://files.example.org/request");
  press_enter (row);
  assert_setting (fixture->settings, STREAMER_SETTING_CONNECTION, "server");
  assert_setting (fixture->server, STREAMER_SETTING_NAME, "files.example.org");
  g_assert_cmpuint (adw_combo_row_get_selected (combo), ==, 1);
  g_assert_false (gtk_widget_get_visible (connect_row));
  assert_note (child (fixture, "connection_note"), STREAMER_NOTE_PLAIN, "files.example.org");

  /* Asked for once; what the user chooses afterwards stays. */
  adw_combo_row_set_selected (combo, 0);
  assert_setting (fixture->settings, STREAMER_SETTING_CONNECTION, "this-computer");
  type_text (row, "https://other.example.org/request");
  press_enter (row);
  assert_setting (fixture->settings, STREAMER_SETTING_CONNECTION, "this-computer");
  assert_setting (fixture->server, STREAMER_SETTING_REQUEST_URL,
                  "https://other.example.org/request");
}

static void
test_server_is_taken_away (Fixture *fixture, gconstpointer data)
{
  gpointer row = page_child (fixture, "request_url_row");
  g_auto (GStrv) ids = NULL;

  type_text (row, "https://files.example.org/request");
  press_enter (row);
  type_text (row, "");
  press_enter (row);
  assert_setting (fixture->settings, STREAMER_SETTING_CONNECTION, "this-computer");
  ids = g_settings_get_strv (fixture->settings, STREAMER_SETTING_CONNECTIONS);
  g_assert_cmpuint (g_strv_length (ids), ==, 0);
  g_assert_cmpuint (adw_combo_row_get_selected (child (fixture, "connection_row")), ==, 0);
}

static void
test_other_connections_are_kept (Fixture *fixture, gconstpointer data)
{
  const char *const others[] = { "one", "two", NULL };
  gpointer row = page_child (fixture, "request_url_row");
  g_auto (GStrv) ids = NULL;

  g_settings_set_strv (fixture->settings, STREAMER_SETTING_CONNECTIONS, others);
  g_settings_set_string (fixture->settings, STREAMER_SETTING_CONNECTION, "two");
  g_assert_cmpuint (adw_combo_row_get_selected (child (fixture, "connection_row")), ==, 2);
  type_text (row, "https://files.example.org/request");
  press_enter (row);
  g_settings_set_string (fixture->settings, STREAMER_SETTING_CONNECTION, "two");
  type_text (row, "");
  press_enter (row);
  assert_setting (fixture->settings, STREAMER_SETTING_CONNECTION, "two");
  ids = g_settings_get_strv (fixture->settings, STREAMER_SETTING_CONNECTIONS);
  g_assert_cmpstrv (ids, others);
}

static void
test_closing_saves_what_was_typed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = NULL;

  type_text (child (fixture, "target_folder_row"), "team");
  type_text (page_child (fixture, "request_url_row"), "https://files.example.org/request");
  type_text (page_child (fixture, "domain_row"), "https://files.example.org/downloads");
  type_text (page_child (fixture, "token_row"), "secret-4711");
  gtk_window_close (fixture->window);
  ui_test_wait ((token = streamer_secrets_lookup (fixture->secrets, "server", STREAMER_SECRET_TOKEN,
                                                  NULL, NULL)) != NULL);
  g_assert_cmpstr (token, ==, "secret-4711");
  assert_setting (fixture->server, STREAMER_SETTING_REQUEST_URL,
                  "https://files.example.org/request");
  assert_setting (fixture->server, STREAMER_SETTING_DOMAIN, "https://files.example.org/downloads");
  assert_setting (fixture->settings, STREAMER_SETTING_TARGET_FOLDER, "team");
  open_window (fixture);
}

static void
test_domain_is_validated (Fixture *fixture, gconstpointer data)
{
  gpointer row = page_child (fixture, "domain_row");
  gpointer note = page_child (fixture, "domain_note");

  assert_note (note, STREAMER_NOTE_PLAIN, "Leave it empty");
  type_text (row, "http://files.example.org/downloads");
  press_enter (row);
  assert_note (note, STREAMER_NOTE_PLAIN, "");
  assert_setting (fixture->server, STREAMER_SETTING_DOMAIN, "http://files.example.org/downloads");
  type_text (row, "downloads");
  press_enter (row);
  assert_note (note, STREAMER_NOTE_ERROR, "not a web address");
  assert_setting (fixture->server, STREAMER_SETTING_DOMAIN, "http://files.example.org/downloads");
  type_text (row, "");
  press_enter (row);
  assert_setting (fixture->server, STREAMER_SETTING_DOMAIN, "");
}

static void
test_secrets_are_stored_and_forgotten (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *row, *note, *forget;
    StreamerSecretKind kind;
  } cases[] = {
    { "token_row", "token_note", "forget_token", STREAMER_SECRET_TOKEN },
    { "api_key_row", "api_key_note", "forget_api_key", STREAMER_SECRET_API_KEY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gpointer row = page_child (fixture, cases[i].row);
      gpointer note = page_child (fixture, cases[i].note);
      GtkWidget *forget = page_child (fixture, cases[i].forget);
      g_autofree char *secret = NULL;
      g_autofree char *forgotten = NULL;

      g_assert_false (gtk_widget_get_visible (forget));
      type_text (row, " secret-4711 ");
      press_enter (row);
      ui_test_wait (gtk_widget_get_visible (forget));
      assert_note (note, STREAMER_NOTE_WARNING, "this run only, because there is no keyring");
      /* It is not shown again. */
      g_assert_cmpstr (gtk_editable_get_text (row), ==, "");
      secret = streamer_secrets_lookup (fixture->secrets, "server", cases[i].kind, NULL, NULL);
      g_assert_cmpstr (secret, ==, "secret-4711");

      g_signal_emit_by_name (forget, "clicked");
      ui_test_wait (!gtk_widget_get_visible (forget));
      assert_note (note, STREAMER_NOTE_PLAIN, "");
      forgotten = streamer_secrets_lookup (fixture->secrets, "server", cases[i].kind, NULL, NULL);
      g_assert_null (forgotten);
    }
}

static void
test_a_stored_secret_is_mentioned (Fixture *fixture, gconstpointer data)
{
  streamer_secrets_store (fixture->secrets, "server", STREAMER_SECRET_TOKEN, "secret-4711", NULL,
                          NULL, NULL);
  gtk_window_destroy (fixture->window);
  open_window (fixture);
  ui_test_wait (gtk_widget_get_visible (page_child (fixture, "forget_token")));
  assert_note (page_child (fixture, "token_note"), STREAMER_NOTE_PLAIN, "saved");
  g_assert_cmpstr (gtk_editable_get_text (page_child (fixture, "token_row")), ==, "");
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  Fixture *fixture = user_data;
  const char *answer = fixture->answer;
  const char *token = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Authorization");
  gboolean html = *answer == '<';

  if (!html && g_strcmp0 (token, "Bearer secret-4711") != 0)
    answer = "{\"status\":\"No access\",\"status_code\":401,"
             "\"error\":{\"code\":\"auth\",\"message\":\"No access\"}}";
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, html ? "text/html" : "application/json",
                                    SOUP_MEMORY_COPY, answer, strlen (answer));
}

static void
start_backend (Fixture *fixture, const char *answer)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;
  GSList *uris;

  fixture->answer = answer;
  fixture->backend = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->backend, NULL, on_request, fixture, NULL);
  soup_server_listen_local (fixture->backend, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (fixture->backend);
  url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  type_text (page_child (fixture, "request_url_row"), url);
}

static const char capabilities[] =
    "{\"status\":{\"version\":2,\"server\":\"test\",\"min_part_size\":5242880,"
    "\"max_part_size\":5368709120,\"max_parts\":10000,\"max_object_size\":5497558138880,"
    "\"checksums\":[\"crc32\"],\"max_urls\":64,\"max_items\":64,\"domain\":null,\"prefixes\":[\"\"],"
    "\"now\":\"2026-01-01T00:00:00Z\"},\"status_code\":200,\"request_id\":\"1\"}";

static char *
test_connection (Fixture *fixture)
{
  GtkWidget *button = test_child (fixture, "test_button");
  GtkLabel *label = test_child (fixture, "result_label");

  g_signal_emit_by_name (button, "clicked");
  g_assert_false (gtk_widget_get_sensitive (button));
  ui_test_wait (gtk_widget_get_sensitive (button));
  g_assert_true (gtk_widget_get_visible (test_child (fixture, "result_box")));

  return g_strdup (gtk_label_get_text (label));
}

static void
test_connection_works (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  streamer_preferences_show_server (STREAMER_PREFERENCES (fixture->window));
  start_backend (fixture, capabilities);
  /* The test waits until the token that was just typed is stored. */
  type_text (page_child (fixture, "token_row"), "secret-4711");
  text = test_connection (fixture);
  g_assert_cmpstr (text, ==, "It works. The server takes files of up to 5.0\302\240TiB.");
}

static void
test_connection_wants_a_token (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  streamer_preferences_show_server (STREAMER_PREFERENCES (fixture->window));
  start_backend (fixture, capabilities);
  text = test_connection (fixture);
  g_assert_nonnull (strstr (text, "token"));
}

static void
test_connection_meets_a_web_page (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  streamer_preferences_show_server (STREAMER_PREFERENCES (fixture->window));
  start_backend (fixture, "<html><body>Welcome to the hotel</body></html>");
  text = test_connection (fixture);
  g_assert_null (strstr (text, "It works"));
  g_assert_cmpuint (strlen (text), >, 20);
}

static void
test_connection_needs_an_address (Fixture *fixture, gconstpointer data)
{
  GtkWidget *button = test_child (fixture, "test_button");

  streamer_preferences_show_server (STREAMER_PREFERENCES (fixture->window));
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (gtk_widget_get_sensitive (button));
  assert_note (page_child (fixture, "request_url_note"), STREAMER_NOTE_ERROR, "Enter the address");
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

  add ("/preferences/numbers-have-ranges", test_numbers_have_ranges, NULL);
  add ("/preferences/switches-are-bound", test_switches_are_bound, NULL);
  add ("/preferences/temporary-folder-is-shown-as-text", test_temporary_folder_is_shown_as_text,
       NULL);
  add ("/preferences/target-folder-is-validated", test_target_folder_is_validated, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (url_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/preferences/request-url-is-validated/%u", i);

      add (path, test_request_url_is_validated, &url_cases[i]);
    }
  add ("/preferences/new-server-becomes-the-default", test_new_server_becomes_the_default, NULL);
  add ("/preferences/server-is-taken-away", test_server_is_taken_away, NULL);
  add ("/preferences/other-connections-are-kept", test_other_connections_are_kept, NULL);
  add ("/preferences/closing-saves-what-was-typed", test_closing_saves_what_was_typed, NULL);
  add ("/preferences/domain-is-validated", test_domain_is_validated, NULL);
  add ("/preferences/secrets-are-stored-and-forgotten", test_secrets_are_stored_and_forgotten,
       NULL);
  add ("/preferences/a-stored-secret-is-mentioned", test_a_stored_secret_is_mentioned, NULL);
  add ("/preferences/connection-works", test_connection_works, NULL);
  add ("/preferences/connection-wants-a-token", test_connection_wants_a_token, NULL);
  add ("/preferences/connection-meets-a-web-page", test_connection_meets_a_web_page, NULL);
  add ("/preferences/connection-needs-an-address", test_connection_needs_an_address, NULL);

  return g_test_run ();
}
