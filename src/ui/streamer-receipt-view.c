/* streamer-receipt-view.c: the receipt of an upload, and whether it still holds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-receipt-view.h"

#include <glib/gi18n-lib.h>

#include "streamer-accessible.h"
#include "streamer-quiet.h"
#include "streamer-receipt-text.h"
#include "streamer-verify.h"

struct _StreamerReceiptView
{
  GtkWidget parent_instance;

  GtkGrid *grid;
  GtkWidget *copy_button;
  GtkWidget *verify_button;
  GtkWidget *progress_box;
  GtkSpinner *spinner;
  GtkWidget *cancel_button;
  GtkWidget *verdict_box;
  GtkImage *local_icon;
  GtkLabel *local_label;
  GtkWidget *stored_box;
  GtkImage *stored_icon;
  GtkLabel *stored_label;

  StreamerTransfer *transfer;    /* (owned) (nullable) */
  StreamerJournalEntry *receipt; /* (owned) (nullable) */
  GCancellable *cancellable;     /* (owned) (nullable): of a comparison under way */
};

G_DEFINE_FINAL_TYPE (StreamerReceiptView, streamer_receipt_view, GTK_TYPE_WIDGET)

static GArray *
get_lines (StreamerReceiptView *self)
{
  StreamerTarget *target = streamer_transfer_get_target (self->transfer);

  return streamer_receipt_text_lines (self->receipt,
                                      streamer_connection_get_name (target->connection));
}

static void
add_row (GtkGrid *grid, int row, const StreamerReceiptLine *line)
{
  GtkWidget *name = gtk_label_new (line->name);
  GtkWidget *value = gtk_label_new (line->value);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_yalign (GTK_LABEL (name), 0);
  gtk_label_set_wrap (GTK_LABEL (name), TRUE);
  gtk_widget_add_css_class (name, "dim-label");

  gtk_label_set_xalign (GTK_LABEL (value), 0);
  gtk_label_set_wrap (GTK_LABEL (value), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (value), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (value), TRUE);
  gtk_widget_set_hexpand (value, TRUE);
  gtk_widget_add_css_class (value, "numeric");
  /* What is read aloud where one goes from value to value. */
  gtk_accessible_update_relation (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  name, NULL, -1);

  gtk_grid_attach (grid, name, 0, row, 1, 1);
  gtk_grid_attach (grid, value, 1, row, 1, 1);
}

static void
fill (StreamerReceiptView *self)
{
  g_autoptr (GArray) lines = get_lines (self);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))))
    gtk_grid_remove (self->grid, child);
  for (guint i = 0; i < lines->len; i++)
    add_row (self->grid, (int) i, &g_array_index (lines, StreamerReceiptLine, i));
}

static void
copy_cb (StreamerReceiptView *self)
{
  g_autoptr (GArray) lines = get_lines (self);
  g_autofree char *text = streamer_receipt_text_join (lines);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.copy-text", "s", text);
}

static void
show_verdict (GtkImage *icon, GtkLabel *label, StreamerVerdict verdict, const char *words)
{
  static const struct
  {
    const char *icon_name;
    const char *css_class;
  } looks[] = {
    [STREAMER_VERDICT_SAME] = { "emblem-ok-symbolic", "success" },
    [STREAMER_VERDICT_DIFFERS] = { "dialog-error-symbolic", "error" },
    [STREAMER_VERDICT_ABSENT] = { "dialog-warning-symbolic", "warning" },
    [STREAMER_VERDICT_UNKNOWN] = { "dialog-question-symbolic", "dim-label" },
  };
  const char *classes[] = { looks[verdict].css_class, NULL };

  gtk_image_set_from_icon_name (icon, looks[verdict].icon_name);
  gtk_widget_set_css_classes (GTK_WIDGET (icon), classes);
  gtk_label_set_label (label, words);
}

static void
end_progress (StreamerReceiptView *self)
{
  gboolean had_focus = gtk_widget_has_focus (self->cancel_button);

  g_clear_object (&self->cancellable);
  gtk_spinner_stop (self->spinner);
  gtk_widget_set_sensitive (self->verify_button, TRUE);
  if (had_focus)
    gtk_widget_grab_focus (self->verify_button);
  gtk_widget_set_visible (self->progress_box, FALSE);
}

static void
verified_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerReceiptView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerVerification) found =
      streamer_verify_finish (STREAMER_POOL (object), result, &error);

  /* Another transfer is shown by now, or nothing at all. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->cancellable == NULL)
    return;

  end_progress (self);
  gtk_widget_set_visible (self->stored_box, found != NULL);
  if (found != NULL)
    {
      show_verdict (self->local_icon, self->local_label, found->local, found->local_words);
      show_verdict (self->stored_icon, self->stored_label, found->stored, found->stored_words);
    }
  else
    show_verdict (self->local_icon, self->local_label, STREAMER_VERDICT_UNKNOWN, error->message);
  gtk_widget_set_visible (self->verdict_box, TRUE);
}

static void
verify_cb (StreamerReceiptView *self)
{
  if (self->cancellable != NULL)
    return;

  self->cancellable = g_cancellable_new ();
  gtk_widget_set_visible (self->verdict_box, FALSE);
  gtk_widget_set_visible (self->progress_box, TRUE);
  gtk_spinner_start (self->spinner);
  gtk_widget_grab_focus (self->cancel_button);
  gtk_widget_set_sensitive (self->verify_button, FALSE);
  streamer_verify_async (streamer_transfer_get_pool (self->transfer),
                         streamer_transfer_get_target (self->transfer)->connection, self->receipt,
                         self->receipt->path, self->cancellable, verified_cb, g_object_ref (self));
}

static void
cancel_cb (StreamerReceiptView *self)
{
  if (self->cancellable == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  end_progress (self);
}

static void
streamer_receipt_view_dispose (GObject *object)
{
  StreamerReceiptView *self = STREAMER_RECEIPT_VIEW (object);
  GtkWidget *child;

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->transfer);
  g_clear_pointer (&self->receipt, streamer_journal_entry_free);

  G_OBJECT_CLASS (streamer_receipt_view_parent_class)->dispose (object);
}

static void
streamer_receipt_view_class_init (StreamerReceiptViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = streamer_receipt_view_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-receipt-view.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, grid);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, copy_button);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, verify_button);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, progress_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, spinner);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, verdict_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, local_icon);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, local_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, stored_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, stored_icon);
  gtk_widget_class_bind_template_child (widget_class, StreamerReceiptView, stored_label);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, verify_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
streamer_receipt_view_init (StreamerReceiptView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  streamer_accessible_name_buttons (GTK_WIDGET (self));
  streamer_quiet_containers (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Receipt"), -1);
}

void
streamer_receipt_view_set_transfer (StreamerReceiptView *self, StreamerTransfer *transfer)
{
  g_return_if_fail (STREAMER_IS_RECEIPT_VIEW (self));
  g_return_if_fail (transfer == NULL || STREAMER_IS_TRANSFER (transfer));

  if (!g_set_object (&self->transfer, transfer))
    return;

  cancel_cb (self);
  gtk_widget_set_visible (self->verdict_box, FALSE);
  g_clear_pointer (&self->receipt, streamer_journal_entry_free);
  gtk_widget_set_visible (GTK_WIDGET (self), transfer != NULL);
  if (transfer == NULL)
    return;

  self->receipt = streamer_transfer_make_entry (transfer);
  /* What came through a pipe is nowhere any more. */
  gtk_widget_set_visible (self->verify_button, self->receipt->path != NULL);
  fill (self);
}
