/* streamer-plan.c: how a file is cut into parts
 *
 * Pure arithmetic on 64 bits; no sum here can overflow, whatever the sizes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-plan.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

const StreamerLimits streamer_limits_s3 = {
  .min_part_size = 5 * STREAMER_MIB,
  .max_part_size = 5120 * STREAMER_MIB,
  .max_parts = 10000,
  .max_object_size = 10000 * 5120 * STREAMER_MIB,
};

static guint64
divide_up (guint64 value, guint64 divisor)
{
  return value / divisor + (value % divisor != 0);
}

/* The smallest whole number of MiB that lets max_parts suffice for size, kept to the limits. */
static guint64
needed_part_size (guint64 size, const StreamerLimits *limits)
{
  guint64 mib = divide_up (divide_up (size, limits->max_parts), STREAMER_MIB);

  if (mib > limits->max_part_size / STREAMER_MIB)
    return limits->max_part_size;
  return mib * STREAMER_MIB;
}

gboolean
streamer_plan_init (StreamerPlan *plan,
                    guint64 size,
                    guint64 part_size,
                    const StreamerLimits *limits,
                    GError **error)
{
  guint64 n_parts;

  g_return_val_if_fail (plan != NULL && limits != NULL, FALSE);
  g_return_val_if_fail (limits->max_parts >= 1, FALSE);
  g_return_val_if_fail (limits->max_part_size >= 1, FALSE);
  g_return_val_if_fail (limits->min_part_size <= limits->max_part_size, FALSE);

  if (part_size == 0)
    part_size = STREAMER_PART_SIZE_DEFAULT_MIB * STREAMER_MIB;
  part_size = CLAMP (part_size, MAX (limits->min_part_size, 1), limits->max_part_size);

  if (size == STREAMER_SIZE_UNKNOWN)
    {
      n_parts = MIN (limits->max_parts, divide_up (limits->max_object_size, part_size));
    }
  else
    {
      if (divide_up (size, part_size) > limits->max_parts)
        part_size = needed_part_size (size, limits);
      n_parts = divide_up (size, part_size);
      if (size > limits->max_object_size || n_parts > limits->max_parts)
        {
          g_autofree char *have = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
          g_autofree char *most = NULL;
          guint64 max = limits->max_object_size;

          if (limits->max_part_size < max / limits->max_parts)
            max = limits->max_part_size * limits->max_parts;
          most = g_format_size_full (max, G_FORMAT_SIZE_IEC_UNITS);
          g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                       /* Translators: both %s are sizes, such as “2.0 TiB” */
                       _ ("The file has %s, and the server takes no more than %s."), have, most);
          return FALSE;
        }
    }

  plan->size = size;
  plan->part_size = part_size;
  plan->n_parts = MAX (n_parts, 1);
  return TRUE;
}

void
streamer_plan_get_part (const StreamerPlan *plan, guint number, guint64 *offset, guint64 *length)
{
  g_return_if_fail (plan != NULL && offset != NULL && length != NULL);
  g_return_if_fail (number >= 1 && number <= plan->n_parts);

  *offset = (guint64) (number - 1) * plan->part_size;
  *length = plan->part_size;
  if (plan->size != STREAMER_SIZE_UNKNOWN)
    *length = MIN (plan->part_size, plan->size - *offset);
}
