/* streamer-source.c: where an upload's bytes come from
 *
 * Size and content type may become known while workers read (a pipe): both are atomic, and a
 * content type that was handed out stays valid.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-source-private.h"

typedef struct
{
  GMutex lock;
  guint64 size;             /* guarded by lock */
  const char *content_type; /* interned; guarded by lock */
} StreamerSourcePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (StreamerSource, streamer_source, G_TYPE_OBJECT)

static void
streamer_source_finalize (GObject *object)
{
  StreamerSourcePrivate *priv = streamer_source_get_instance_private (STREAMER_SOURCE (object));

  g_mutex_clear (&priv->lock);

  G_OBJECT_CLASS (streamer_source_parent_class)->finalize (object);
}

static void
streamer_source_class_init (StreamerSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_source_finalize;
}

static void
streamer_source_init (StreamerSource *self)
{
  StreamerSourcePrivate *priv = streamer_source_get_instance_private (self);

  g_mutex_init (&priv->lock);
  priv->size = STREAMER_SIZE_UNKNOWN;
  priv->content_type = g_intern_static_string ("application/octet-stream");
}

void
streamer_source_set_size (StreamerSource *self, guint64 size)
{
  StreamerSourcePrivate *priv = streamer_source_get_instance_private (self);

  g_mutex_lock (&priv->lock);
  priv->size = size;
  g_mutex_unlock (&priv->lock);
}

void
streamer_source_guess_content_type (StreamerSource *self,
                                    const char *name,
                                    const void *head,
                                    gsize head_length)
{
  StreamerSourcePrivate *priv = streamer_source_get_instance_private (self);
  g_autofree char *type = g_content_type_guess (name, head, head_length, NULL);
  g_autofree char *mime = g_content_type_get_mime_type (type);

  /* The database's name for emptiness says nothing to a visitor's browser. */
  if (mime == NULL || g_str_equal (mime, "application/x-zerosize"))
    return;
  g_mutex_lock (&priv->lock);
  priv->content_type = g_intern_string (mime);
  g_mutex_unlock (&priv->lock);
}

guint64
streamer_source_get_size (StreamerSource *self)
{
  StreamerSourcePrivate *priv = streamer_source_get_instance_private (self);
  guint64 size;

  g_return_val_if_fail (STREAMER_IS_SOURCE (self), 0);

  g_mutex_lock (&priv->lock);
  size = priv->size;
  g_mutex_unlock (&priv->lock);
  return size;
}

const char *
streamer_source_get_content_type (StreamerSource *self)
{
  StreamerSourcePrivate *priv = streamer_source_get_instance_private (self);
  const char *content_type;

  g_return_val_if_fail (STREAMER_IS_SOURCE (self), NULL);

  g_mutex_lock (&priv->lock);
  content_type = priv->content_type;
  g_mutex_unlock (&priv->lock);
  return content_type;
}

gboolean
streamer_source_acquire (StreamerSource *self,
                         const StreamerPlan *plan,
                         guint number,
                         StreamerSlice *slice,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (STREAMER_IS_SOURCE (self), FALSE);
  g_return_val_if_fail (plan != NULL && slice != NULL, FALSE);
  g_return_val_if_fail (number >= 1 && number <= plan->n_parts, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return STREAMER_SOURCE_GET_CLASS (self)->acquire (self, plan, number, slice, cancellable, error);
}

void
streamer_source_release (StreamerSource *self, guint number)
{
  g_return_if_fail (STREAMER_IS_SOURCE (self));

  STREAMER_SOURCE_GET_CLASS (self)->release (self, number);
}

gboolean
streamer_source_check (StreamerSource *self, GError **error)
{
  g_return_val_if_fail (STREAMER_IS_SOURCE (self), FALSE);

  return STREAMER_SOURCE_GET_CLASS (self)->check (self, error);
}

gboolean
streamer_source_get_identity (StreamerSource *self, StreamerSourceIdentity *identity)
{
  g_return_val_if_fail (STREAMER_IS_SOURCE (self), FALSE);
  g_return_val_if_fail (identity != NULL, FALSE);

  return STREAMER_SOURCE_GET_CLASS (self)->get_identity != NULL &&
         STREAMER_SOURCE_GET_CLASS (self)->get_identity (self, identity);
}
