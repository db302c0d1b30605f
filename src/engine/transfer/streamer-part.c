/* streamer-part.c: what the view sees of one part
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-part-private.h"

struct _StreamerPart
{
  GObject parent_instance;

  StreamerPartList *list; /* (owned) */
  guint number;

  /* as last notified */
  StreamerPartState state;
  guint64 size;
  guint64 sent;
  guint attempts;
};

typedef enum
{
  PROP_NUMBER = 1,
  PROP_STATE,
  PROP_SIZE,
  PROP_SENT,
  PROP_FRACTION,
  PROP_ATTEMPTS,
} StreamerPartProperty;

static GParamSpec *properties[PROP_ATTEMPTS + 1];

G_DEFINE_FINAL_TYPE (StreamerPart, streamer_part, G_TYPE_OBJECT)

/* A view may hold a part that a pipe turned out not to have. */
static gboolean
part_exists (StreamerPart *self)
{
  return self->number <= streamer_part_list_get_n_parts (self->list);
}

static void
streamer_part_dispose (GObject *object)
{
  StreamerPart *self = STREAMER_PART (object);

  if (self->list != NULL)
    streamer_part_list_unsee (self->list, self->number);
  g_clear_object (&self->list);
  G_OBJECT_CLASS (streamer_part_parent_class)->dispose (object);
}

static void
streamer_part_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerPart *self = STREAMER_PART (object);

  switch ((StreamerPartProperty) id)
    {
    case PROP_NUMBER:
      g_value_set_uint (value, self->number);
      break;
    case PROP_STATE:
      g_value_set_int (value, streamer_part_get_state (self));
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, streamer_part_get_size (self));
      break;
    case PROP_SENT:
      g_value_set_uint64 (value, streamer_part_get_sent (self));
      break;
    case PROP_FRACTION:
      g_value_set_double (value, streamer_part_get_fraction (self));
      break;
    case PROP_ATTEMPTS:
      g_value_set_uint (value, streamer_part_get_attempts (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_part_class_init (StreamerPartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = streamer_part_dispose;
  object_class->get_property = streamer_part_get_property;

  properties[PROP_NUMBER] = g_param_spec_uint ("number", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, STREAMER_PART_WAITING,
                                             STREAMER_PART_FAILED, STREAMER_PART_WAITING, flags);
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_SENT] = g_param_spec_uint64 ("sent", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_ATTEMPTS] = g_param_spec_uint ("attempts", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
streamer_part_init (StreamerPart *self)
{
}

StreamerPart *
streamer_part_new (StreamerPartList *list, guint number)
{
  StreamerPart *part = g_object_new (STREAMER_TYPE_PART, NULL);

  part->list = g_object_ref (list);
  part->number = number;
  part->state = streamer_part_get_state (part);
  part->size = streamer_part_get_size (part);
  part->sent = streamer_part_get_sent (part);
  part->attempts = streamer_part_get_attempts (part);
  return part;
}

guint
streamer_part_get_number (StreamerPart *self)
{
  return self->number;
}

StreamerPartState
streamer_part_get_state (StreamerPart *self)
{
  return part_exists (self) ? streamer_part_list_get_state (self->list, self->number)
                            : STREAMER_PART_WAITING;
}

guint64
streamer_part_get_size (StreamerPart *self)
{
  return part_exists (self) ? streamer_part_list_get_size (self->list, self->number) : 0;
}

guint64
streamer_part_get_sent (StreamerPart *self)
{
  return part_exists (self) ? streamer_part_list_get_part_sent (self->list, self->number) : 0;
}

double
streamer_part_get_fraction (StreamerPart *self)
{
  guint64 size = streamer_part_get_size (self);

  if (streamer_part_get_state (self) == STREAMER_PART_DONE)
    return 1;
  return size > 0 ? MIN ((double) streamer_part_get_sent (self) / (double) size, 1) : 0;
}

guint
streamer_part_get_attempts (StreamerPart *self)
{
  return part_exists (self) ? streamer_part_list_get_attempts (self->list, self->number) : 0;
}

/* Tells what has changed since the last time. */
void
streamer_part_update (StreamerPart *self)
{
  GObject *object = G_OBJECT (self);
  StreamerPartState state = streamer_part_get_state (self);
  guint64 size = streamer_part_get_size (self);
  guint64 sent = streamer_part_get_sent (self);
  guint attempts = streamer_part_get_attempts (self);
  gboolean moved = state != self->state || size != self->size || sent != self->sent;

  if (!moved && attempts == self->attempts)
    return;

  g_object_freeze_notify (object);
  if (state != self->state)
    g_object_notify_by_pspec (object, properties[PROP_STATE]);
  if (size != self->size)
    g_object_notify_by_pspec (object, properties[PROP_SIZE]);
  if (sent != self->sent)
    g_object_notify_by_pspec (object, properties[PROP_SENT]);
  if (attempts != self->attempts)
    g_object_notify_by_pspec (object, properties[PROP_ATTEMPTS]);
  if (moved)
    g_object_notify_by_pspec (object, properties[PROP_FRACTION]);
  self->state = state;
  self->size = size;
  self->sent = sent;
  self->attempts = attempts;
  g_object_thaw_notify (object);
}
