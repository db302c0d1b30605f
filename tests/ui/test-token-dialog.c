/* test-token-dialog.c: the dialog that asks for a token
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "ui-test.h"

#include "streamer-token-dialog.h"

typedef struct
{
  StreamerSecrets *secrets;
  StreamerConnection *connection;
  GCancellable *cancellable;
  GtkWindow *parent;
  AdwMessageDialog *dialog;
  GAsyncResult *result;
} Fixture;

static AdwMessageDialog *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GObject) window = g_list_model_get_item (windows, i);

      if (STREAMER_IS_TOKEN_DIALOG (window))
        return ADW_MESSAGE_DIALOG (window);
    }

  return NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->secrets = streamer_memory_secrets_new (NULL);
  fixture->connection = streamer_connection_new_request_api (
      "server", "<b>Söhne & Co</b>", "https://files.example.org/request", NULL, fixture->secrets);
  fixture->cancellable = g_cancellable_new ();
  fixture->parent = GTK_WINDOW (gtk_window_new ());
  gtk_window_present (fixture->parent);
  streamer_token_dialog_ask_async (fixture->parent, fixture->connection,
                                   "The token was refused: <nobody> & co.", fixture->cancellable,
                                   ui_test_keep_result, &fixture->result);
  fixture->dialog = find_dialog ();
  g_assert_nonnull (fixture->dialog);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ui_test_wait (find_dialog () == NULL);
  if (fixture->parent != NULL)
    gtk_window_destroy (fixture->parent);
  g_clear_object (&fixture->result);
  g_object_unref (fixture->cancellable);
  g_object_unref (fixture->connection);
  g_assert_finalize_object (fixture->secrets);
}

static GtkEditable *
get_row (Fixture *fixture)
{
  return GTK_EDITABLE (ui_test_child (fixture->dialog, STREAMER_TYPE_TOKEN_DIALOG, "token_row"));
}

static void
assert_cancelled (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  gboolean kept = TRUE;

  ui_test_wait (fixture->result != NULL);
  g_assert_false (streamer_token_dialog_ask_finish (fixture->result, &kept, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  token = streamer_secrets_lookup (fixture->secrets, "server", STREAMER_SECRET_TOKEN, NULL, NULL);
  g_assert_null (token);
}

static void
test_says_what_for (Fixture *fixture, gconstpointer data)
{
  /* Names and what a server says are text, never markup. */
  g_assert_false (adw_message_dialog_get_heading_use_markup (fixture->dialog));
  g_assert_false (adw_message_dialog_get_body_use_markup (fixture->dialog));
  g_assert_nonnull (strstr (adw_message_dialog_get_heading (fixture->dialog), "<b>Söhne & Co</b>"));
  g_assert_nonnull (strstr (adw_message_dialog_get_body (fixture->dialog),
                            "The token was refused: <nobody> & co."));
  gtk_window_close (GTK_WINDOW (fixture->dialog));
  assert_cancelled (fixture);
}

static void
test_enter_stores_the_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  gboolean kept = TRUE;

  g_assert_false (adw_message_dialog_get_response_enabled (fixture->dialog, "sign-in"));
  gtk_editable_set_text (get_row (fixture), "  \t");
  g_assert_false (adw_message_dialog_get_response_enabled (fixture->dialog, "sign-in"));
  gtk_editable_set_text (get_row (fixture), " secret-4711\n");
  g_assert_true (adw_message_dialog_get_response_enabled (fixture->dialog, "sign-in"));

  g_signal_emit_by_name (gtk_editable_get_delegate (get_row (fixture)), "activate");
  ui_test_wait (fixture->result != NULL);
  g_assert_true (streamer_token_dialog_ask_finish (fixture->result, &kept, &error));
  g_assert_no_error (error);
  g_assert_false (kept);
  token = streamer_secrets_lookup (fixture->secrets, "server", STREAMER_SECRET_TOKEN, NULL, NULL);
  g_assert_cmpstr (token, ==, "secret-4711");
}

static void
test_closing_stores_nothing (Fixture *fixture, gconstpointer data)
{
  gtk_editable_set_text (get_row (fixture), "secret-4711");
  gtk_window_close (GTK_WINDOW (fixture->dialog));
  assert_cancelled (fixture);
}

static void
test_not_now_stores_nothing (Fixture *fixture, gconstpointer data)
{
  gtk_editable_set_text (get_row (fixture), "secret-4711");
  adw_message_dialog_response (fixture->dialog, "not-now");
  gtk_window_close (GTK_WINDOW (fixture->dialog));
  assert_cancelled (fixture);
}

static void
test_is_cancelled (Fixture *fixture, gconstpointer data)
{
  gtk_editable_set_text (get_row (fixture), "secret-4711");
  g_cancellable_cancel (fixture->cancellable);
  assert_cancelled (fixture);
}

static void
test_ends_with_its_parent (Fixture *fixture, gconstpointer data)
{
  gtk_editable_set_text (get_row (fixture), "secret-4711");
  gtk_window_destroy (g_steal_pointer (&fixture->parent));
  assert_cancelled (fixture);
}

static StreamerConnection *
new_bucket (StreamerSecrets *secrets)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();

  g_assert_true (streamer_s3_place_set_uri (place, "s3://films", NULL));
  place->access_key = g_strdup ("OLDKEY");
  return streamer_connection_new_s3 ("bucket", "Films", place, NULL, secrets);
}

static void
set_up_bucket (Fixture *fixture, gconstpointer data)
{
  fixture->secrets = streamer_memory_secrets_new (NULL);
  fixture->connection = new_bucket (fixture->secrets);
  fixture->cancellable = g_cancellable_new ();
  fixture->parent = GTK_WINDOW (gtk_window_new ());
  gtk_window_present (fixture->parent);
  streamer_token_dialog_ask_async (fixture->parent, fixture->connection, NULL, fixture->cancellable,
                                   ui_test_keep_result, &fixture->result);
  fixture->dialog = find_dialog ();
  g_assert_nonnull (fixture->dialog);
}

static void
test_bucket_gets_other_keys (Fixture *fixture, gconstpointer data)
{
  GtkEditable *access_key =
      GTK_EDITABLE (ui_test_child (fixture->dialog, STREAMER_TYPE_TOKEN_DIALOG, "access_key_row"));
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = NULL;
  g_autofree char *known = NULL;
  gboolean kept = TRUE;

  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (access_key)));
  g_assert_cmpstr (gtk_editable_get_text (access_key), ==, "OLDKEY");
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (get_row (fixture))), ==,
                   "Secret Key");
  g_assert_nonnull (strstr (adw_message_dialog_get_body (fixture->dialog), "access key"));

  gtk_editable_set_text (get_row (fixture), "secret-4711");
  g_assert_true (adw_message_dialog_get_response_enabled (fixture->dialog, "sign-in"));
  gtk_editable_set_text (access_key, " ");
  g_assert_false (adw_message_dialog_get_response_enabled (fixture->dialog, "sign-in"));
  gtk_editable_set_text (access_key, " NEWKEY ");

  adw_message_dialog_response (fixture->dialog, "sign-in");
  gtk_window_close (GTK_WINDOW (fixture->dialog));
  ui_test_wait (fixture->result != NULL);
  g_assert_true (streamer_token_dialog_ask_finish (fixture->result, &kept, &error));
  g_assert_no_error (error);
  secret = streamer_secrets_lookup (fixture->secrets, "bucket", STREAMER_SECRET_S3_KEY, NULL, NULL);
  g_assert_cmpstr (secret, ==, "secret-4711");
  g_object_get (fixture->connection, "access-key", &known, NULL);
  g_assert_cmpstr (known, ==, "NEWKEY");
}

static void
test_server_has_no_access_key (Fixture *fixture, gconstpointer data)
{
  g_assert_false (gtk_widget_get_visible (
      ui_test_child (fixture->dialog, STREAMER_TYPE_TOKEN_DIALOG, "access_key_row")));
  gtk_window_close (GTK_WINDOW (fixture->dialog));
  assert_cancelled (fixture);
}

int
main (int argc, char *argv[])
{
  ui_test_init (&argc, &argv);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/token-dialog/says-what-for", test_says_what_for);
  ADD ("/token-dialog/enter-stores-the-token", test_enter_stores_the_token);
  ADD ("/token-dialog/closing-stores-nothing", test_closing_stores_nothing);
  ADD ("/token-dialog/not-now-stores-nothing", test_not_now_stores_nothing);
  ADD ("/token-dialog/is-cancelled", test_is_cancelled);
  ADD ("/token-dialog/ends-with-its-parent", test_ends_with_its_parent);
  ADD ("/token-dialog/server-has-no-access-key", test_server_has_no_access_key);
#undef ADD
  g_test_add ("/token-dialog/bucket-gets-other-keys", Fixture, NULL, set_up_bucket,
              test_bucket_gets_other_keys, tear_down);

  return g_test_run ();
}
