/* streamer-skew.c: clocks that are too far apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-skew.h"

#include <glib/gi18n-lib.h>

/* Amazon S3 User Guide, "Error responses": RequestTimeTooSkewed. */
#define TOLERANCE (15 * MINUTE)

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

void
streamer_skew_learn (StreamerSkew *self, gint64 asked_at, gint64 heard_at, gint64 said)
{
  gint64 earliest = asked_at / G_USEC_PER_SEC;
  gint64 latest = heard_at / G_USEC_PER_SEC;
  /* An answer that takes long says when it began. */
  gint64 offset = said < earliest ? said - earliest : MAX (said - latest, 0);

  g_atomic_int_set (&self->offset, (gint) CLAMP (offset, -G_MAXINT, G_MAXINT));
}

gint64
streamer_skew_get (const StreamerSkew *self)
{
  return g_atomic_int_get (&self->offset);
}

static char *
describe_span (guint64 seconds)
{
  guint n;

  if (seconds < 2 * HOUR)
    {
      n = (guint) (seconds / MINUTE);
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u minute", "%u minutes", n), n);
    }
  if (seconds < 2 * DAY)
    {
      n = (guint) (seconds / HOUR);
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u hour", "%u hours", n), n);
    }
  n = (guint) (seconds / DAY);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u day", "%u days", n), n);
}

char *
streamer_skew_describe (gint64 offset)
{
  g_autofree char *span = NULL;

  if (ABS (offset) <= TOLERANCE)
    return NULL;
  span = describe_span ((guint64) ABS (offset));
  if (offset > 0)
    /* Translators: %s is a time, such as "3 hours". */
    return g_strdup_printf (_ ("This computer’s clock is %s behind the server’s. Set it right."),
                            span);
  /* Translators: %s is a time, such as "3 hours". */
  return g_strdup_printf (_ ("This computer’s clock is %s ahead of the server’s. Set it right."),
                          span);
}
