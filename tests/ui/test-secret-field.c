/* test-secret-field.c: a row for a secret in front of a real keyring
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs with an unlocked keyring of its own.
 */

#include "ui-test.h"

#include "streamer-secret-field.h"

typedef struct
{
  GtkWidget *row;
  StreamerRowNote *note;
  GtkWidget *forget;
  StreamerSecretField *field;
} Field;

static void
field_open (Field *field)
{
  g_autoptr (StreamerSecrets) secrets = streamer_keyring_secrets_new ();

  field->row = g_object_ref_sink (adw_password_entry_row_new ());
  field->note = g_object_ref_sink (g_object_new (STREAMER_TYPE_ROW_NOTE, "row", field->row, NULL));
  field->forget = g_object_ref_sink (gtk_button_new ());
  field->field = streamer_secret_field_new (field->row, field->note, field->forget, secrets,
                                            "server", STREAMER_SECRET_TOKEN);
  g_assert_true (streamer_secret_field_get_busy (field->field));
  ui_test_wait (!streamer_secret_field_get_busy (field->field));
}

static void
field_close (Field *field)
{
  g_assert_finalize_object (field->field);
  g_assert_finalize_object (field->note);
  g_assert_finalize_object (field->forget);
  g_assert_finalize_object (field->row);
}

static void
test_keyring_keeps_the_secret (void)
{
  Field field;

  field_open (&field);
  g_assert_cmpstr (streamer_row_note_get_text (field.note), ==, "");
  g_assert_false (gtk_widget_get_visible (field.forget));
  gtk_editable_set_text (GTK_EDITABLE (field.row), "secret-4711");
  streamer_secret_field_commit (field.field);
  ui_test_wait (!streamer_secret_field_get_busy (field.field));
  g_assert_cmpstr (streamer_row_note_get_text (field.note), ==, "Kept in the keyring.");
  field_close (&field);

  /* The next run finds it. */
  field_open (&field);
  g_assert_true (gtk_widget_get_visible (field.forget));
  g_assert_cmpstr (streamer_row_note_get_text (field.note), ==,
                   "One is saved. What you type here replaces it.");
  g_signal_emit_by_name (field.forget, "clicked");
  ui_test_wait (!streamer_secret_field_get_busy (field.field));
  g_assert_false (gtk_widget_get_visible (field.forget));
  field_close (&field);

  field_open (&field);
  g_assert_false (gtk_widget_get_visible (field.forget));
  field_close (&field);
}

int
main (int argc, char *argv[])
{
  ui_test_init (&argc, &argv);

  g_test_add_func ("/secret-field/keyring-keeps-the-secret", test_keyring_keeps_the_secret);

  return g_test_run ();
}
