/* streamer-part-gate.c: one writer for each part
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread. There are never more writers than connections, so that looking through all of them
 * costs nothing.
 */

#include "streamer-part-gate.h"

#include "streamer-error.h"

typedef struct
{
  char *upload;              /* (owned) */
  guint number;              /* of the part */
  GCancellable *cancellable; /* (owned) */
} Writer;

struct _StreamerPartGate
{
  GMutex lock;
  GCond changed;
  GPtrArray *writers; /* (element-type Writer): the lock */
  GHashTable *closed; /* set of upload ids: the lock */
};

static void
writer_free (gpointer data)
{
  Writer *writer = data;

  g_free (writer->upload);
  g_clear_object (&writer->cancellable);
  g_free (writer);
}

/* @number: 0 for any part */
static gboolean
find_writer (StreamerPartGate *self, const char *upload, guint number, guint *index)
{
  for (guint i = 0; i < self->writers->len; i++)
    {
      const Writer *writer = g_ptr_array_index (self->writers, i);

      if ((number == 0 || writer->number == number) && g_str_equal (writer->upload, upload))
        {
          *index = i;
          return TRUE;
        }
    }
  return FALSE;
}

StreamerPartGate *
streamer_part_gate_new (void)
{
  StreamerPartGate *self = g_new0 (StreamerPartGate, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->writers = g_ptr_array_new_with_free_func (writer_free);
  self->closed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
streamer_part_gate_free (StreamerPartGate *self)
{
  g_ptr_array_unref (self->writers);
  g_hash_table_unref (self->closed);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

gboolean
streamer_part_gate_enter (StreamerPartGate *self,
                          const char *upload,
                          guint number,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Writer *writer;
  guint index;

  while (!g_hash_table_contains (self->closed, upload) &&
         find_writer (self, upload, number, &index))
    {
      writer = g_ptr_array_index (self->writers, index);
      g_cancellable_cancel (writer->cancellable);
      g_cond_wait (&self->changed, &self->lock);
    }
  if (g_hash_table_contains (self->closed, upload))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_BUSY,
                           "This upload is being finished or given up.");
      return FALSE;
    }

  writer = g_new0 (Writer, 1);
  writer->upload = g_strdup (upload);
  writer->number = number;
  writer->cancellable = g_object_ref (cancellable);
  g_ptr_array_add (self->writers, writer);
  return TRUE;
}

void
streamer_part_gate_leave (StreamerPartGate *self, const char *upload, guint number)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint index;

  if (find_writer (self, upload, number, &index))
    g_ptr_array_remove_index_fast (self->writers, index);
  g_cond_broadcast (&self->changed);
}

void
streamer_part_gate_close (StreamerPartGate *self, const char *upload)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint index;

  while (g_hash_table_contains (self->closed, upload))
    g_cond_wait (&self->changed, &self->lock);
  g_hash_table_add (self->closed, g_strdup (upload));
  while (find_writer (self, upload, 0, &index))
    {
      Writer *writer = g_ptr_array_index (self->writers, index);

      g_cancellable_cancel (writer->cancellable);
      g_cond_wait (&self->changed, &self->lock);
    }
}

void
streamer_part_gate_open (StreamerPartGate *self, const char *upload)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_hash_table_remove (self->closed, upload);
  g_cond_broadcast (&self->changed);
}

gboolean
streamer_part_gate_is_used (StreamerPartGate *self, const char *upload)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint index;

  return g_hash_table_contains (self->closed, upload) || find_writer (self, upload, 0, &index);
}
