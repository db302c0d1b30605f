/* streamer-test-group.c: a button that tries a connection out, and what came out of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server is asked by a worker of the group's own, so that a test neither waits for uploads nor
 * holds them up.
 */

#include "streamer-test-group.h"

#include "streamer-connection-test.h"
#include "streamer-settings.h"

struct _StreamerTestGroup
{
  AdwPreferencesGroup parent_instance;

  GtkWidget *test_button;
  GtkWidget *result_box;
  GtkSpinner *result_spinner;
  GtkImage *result_icon;
  GtkLabel *result_label;

  StreamerPool *pool;        /* (owned) (nullable): from the first test on */
  GCancellable *cancellable; /* (owned) (nullable): while a test runs */
};

enum
{
  CLICKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (StreamerTestGroup, streamer_test_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_result (StreamerTestGroup *self, const char *icon, const char *text)
{
  gboolean waiting = icon == NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->result_spinner), waiting);
  gtk_spinner_set_spinning (self->result_spinner, waiting);
  gtk_widget_set_visible (GTK_WIDGET (self->result_icon), !waiting);
  gtk_image_set_from_icon_name (self->result_icon, icon);
  gtk_label_set_text (self->result_label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->result_box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
  gtk_widget_set_visible (self->result_box, TRUE);
  gtk_widget_set_sensitive (self->test_button, !waiting);
}

static void
on_tested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerTestGroup) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = streamer_connection_test_finish (STREAMER_POOL (source), result, &error);

  /* Of a test that nobody waits for any more; the next may run already. */
  if (self->cancellable == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;

  g_clear_object (&self->cancellable);
  if (text != NULL)
    show_result (self, "emblem-ok-symbolic", text);
  else
    show_result (self, "dialog-warning-symbolic", error->message);
}

static void
on_test_clicked (StreamerTestGroup *self)
{
  g_signal_emit (self, signals[CLICKED], 0);
}

static void
forget_test (StreamerTestGroup *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
streamer_test_group_dispose (GObject *object)
{
  StreamerTestGroup *self = STREAMER_TEST_GROUP (object);

  forget_test (self);
  g_clear_object (&self->pool);

  G_OBJECT_CLASS (streamer_test_group_parent_class)->dispose (object);
}

static void
streamer_test_group_class_init (StreamerTestGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = streamer_test_group_dispose;

  signals[CLICKED] = g_signal_new ("clicked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/s3streamer/S3Streamer/streamer-test-group.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerTestGroup, test_button);
  gtk_widget_class_bind_template_child (widget_class, StreamerTestGroup, result_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerTestGroup, result_spinner);
  gtk_widget_class_bind_template_child (widget_class, StreamerTestGroup, result_icon);
  gtk_widget_class_bind_template_child (widget_class, StreamerTestGroup, result_label);
  gtk_widget_class_bind_template_callback (widget_class, on_test_clicked);
}

static void
streamer_test_group_init (StreamerTestGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
streamer_test_group_start (StreamerTestGroup *self,
                           GSettings *settings,
                           const char *id,
                           StreamerSecrets *secrets)
{
  g_autoptr (StreamerConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (STREAMER_IS_TEST_GROUP (self));

  forget_test (self);
  connection = streamer_settings_open_connection (settings, id, secrets, &error);
  if (connection == NULL)
    {
      show_result (self, "dialog-warning-symbolic", error->message);
      return;
    }

  if (self->pool == NULL)
    self->pool = streamer_pool_new (1);
  self->cancellable = g_cancellable_new ();
  streamer_connection_test_async (connection, self->pool, self->cancellable, on_tested,
                                  g_object_ref (self));
}

void
streamer_test_group_announce (StreamerTestGroup *self, const char *text)
{
  g_return_if_fail (STREAMER_IS_TEST_GROUP (self));

  show_result (self, NULL, text);
}

void
streamer_test_group_reset (StreamerTestGroup *self)
{
  g_return_if_fail (STREAMER_IS_TEST_GROUP (self));

  forget_test (self);
  gtk_widget_set_sensitive (self->test_button, TRUE);
  gtk_widget_set_visible (self->result_box, FALSE);
}
