/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "streamer-plan.h"

#define MIB STREAMER_MIB
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

static StreamerPlan
plan_s3 (guint64 size, guint64 part_size)
{
  g_autoptr (GError) error = NULL;
  StreamerPlan plan;

  g_assert_true (streamer_plan_init (&plan, size, part_size, &streamer_limits_s3, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (plan.size, ==, size);
  return plan;
}

/* Walks all parts: no gap, no overlap, the whole, and equal but for the last. */
static void
assert_covers (const StreamerPlan *plan)
{
  guint64 end = 0;

  for (guint number = 1; number <= plan->n_parts; number++)
    {
      guint64 offset, length;

      streamer_plan_get_part (plan, number, &offset, &length);
      g_assert_cmpuint (offset, ==, end);
      if (number < plan->n_parts)
        g_assert_cmpuint (length, ==, plan->part_size);
      else if (plan->size > 0)
        g_assert_cmpuint (length, >=, 1);
      g_assert_cmpuint (length, <=, plan->part_size);
      end = offset + length;
    }
  g_assert_cmpuint (end, ==, plan->size);
}

static void
test_exact_boundaries (void)
{
  static const struct
  {
    guint64 size;
    guint n_parts;
    guint64 last;
  } cases[] = {
    { 0, 1, 0 },
    { 1, 1, 1 },
    { 5 * MIB - 1, 1, 5 * MIB - 1 },
    { 5 * MIB, 1, 5 * MIB },
    { 5 * MIB + 1, 2, 1 },
    { 10 * MIB, 2, 5 * MIB },
    { 10 * MIB + 1, 3, 1 },
    { 10000 * 5 * MIB, 10000, 5 * MIB },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StreamerPlan plan = plan_s3 (cases[i].size, 5 * MIB);
      guint64 offset, length;

      g_assert_cmpuint (plan.part_size, ==, 5 * MIB);
      g_assert_cmpuint (plan.n_parts, ==, cases[i].n_parts);
      streamer_plan_get_part (&plan, plan.n_parts, &offset, &length);
      g_assert_cmpuint (length, ==, cases[i].last);
      assert_covers (&plan);
    }
}

static void
test_part_size_grows_in_whole_mib (void)
{
  StreamerPlan plan = plan_s3 (10000 * 5 * MIB + 1, 5 * MIB);

  g_assert_cmpuint (plan.part_size, ==, 6 * MIB);
  assert_covers (&plan);

  plan = plan_s3 (TIB, 100 * MIB);
  g_assert_cmpuint (plan.part_size, ==, 105 * MIB);
  g_assert_cmpuint (plan.n_parts, ==, 9987);
  assert_covers (&plan);
}

static void
test_asked_for_is_brought_into_the_limits (void)
{
  g_assert_cmpuint (plan_s3 (GIB, 0).part_size, ==, 100 * MIB);
  g_assert_cmpuint (plan_s3 (GIB, 1).part_size, ==, 5 * MIB);
  g_assert_cmpuint (plan_s3 (GIB, 7 * MIB + 3).part_size, ==, 7 * MIB + 3);
  g_assert_cmpuint (plan_s3 (GIB, 6 * GIB).part_size, ==, 5 * GIB);
  g_assert_cmpuint (plan_s3 (GIB, G_MAXUINT64).part_size, ==, 5 * GIB);
}

static void
test_unknown_size (void)
{
  StreamerPlan plan = plan_s3 (STREAMER_SIZE_UNKNOWN, 5 * MIB);
  StreamerLimits small = streamer_limits_s3;
  guint64 offset, length;

  g_assert_cmpuint (plan.n_parts, ==, 10000);
  streamer_plan_get_part (&plan, 10000, &offset, &length);
  g_assert_cmpuint (offset, ==, 9999 * 5 * MIB);
  g_assert_cmpuint (length, ==, 5 * MIB);

  small.max_object_size = 11 * MIB;
  g_assert_true (streamer_plan_init (&plan, STREAMER_SIZE_UNKNOWN, 5 * MIB, &small, NULL));
  g_assert_cmpuint (plan.n_parts, ==, 3);
  small.max_object_size = 0;
  g_assert_true (streamer_plan_init (&plan, STREAMER_SIZE_UNKNOWN, 5 * MIB, &small, NULL));
  g_assert_cmpuint (plan.n_parts, ==, 1);
}

static void
assert_too_large (guint64 size, const StreamerLimits *limits)
{
  g_autoptr (GError) error = NULL;
  StreamerPlan plan;

  g_assert_false (streamer_plan_init (&plan, size, 0, limits, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE);
}

static void
test_too_large (void)
{
  StreamerLimits limits = streamer_limits_s3;
  StreamerPlan plan = plan_s3 (10000 * 5 * GIB, 0);

  g_assert_cmpuint (plan.part_size, ==, 5 * GIB);
  g_assert_cmpuint (plan.n_parts, ==, 10000);
  assert_covers (&plan);
  assert_too_large (10000 * 5 * GIB + 1, &streamer_limits_s3);
  assert_too_large (G_MAXUINT64 - 1, &streamer_limits_s3);

  limits.max_object_size = GIB;
  assert_too_large (GIB + 1, &limits);
  limits.max_object_size = G_MAXUINT64;
  limits.max_parts = 3;
  limits.max_part_size = 6 * MIB + 5;
  g_assert_true (streamer_plan_init (&plan, 3 * (6 * MIB + 5), 0, &limits, NULL));
  assert_covers (&plan);
  assert_too_large (3 * (6 * MIB + 5) + 1, &limits);
}

static guint64
random_size (void)
{
  guint64 wide = ((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();

  return wide >> g_test_rand_int_range (0, 64);
}

static guint64
random_between (guint64 low, guint64 high)
{
  guint64 span = high - low;

  return span == G_MAXUINT64 ? random_size () : low + random_size () % (span + 1);
}

/* g_test prints the seed; --seed repeats a failure. */
static void
test_random_sizes (void)
{
  for (guint round = 0; round < 100000; round++)
    {
      StreamerLimits limits;
      StreamerPlan plan;
      guint64 size = random_size ();
      guint64 asked = random_size ();
      guint64 offset, length;
      g_autoptr (GError) error = NULL;
      gboolean fits;

      limits.max_part_size = random_between (1, G_MAXUINT64 - 1);
      limits.min_part_size = random_between (0, limits.max_part_size);
      limits.max_parts = (guint) random_between (1, 20000);
      limits.max_object_size = random_size ();
      if (size == STREAMER_SIZE_UNKNOWN)
        continue;

      fits = size <= limits.max_object_size &&
             (size == 0 || (size - 1) / limits.max_parts < limits.max_part_size);
      g_assert_true (fits == streamer_plan_init (&plan, size, asked, &limits, &error));
      if (!fits)
        {
          g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE);
          continue;
        }
      g_assert_cmpuint (plan.part_size, >=, MAX (limits.min_part_size, 1));
      g_assert_cmpuint (plan.part_size, <=, limits.max_part_size);
      g_assert_cmpuint (plan.n_parts, >=, 1);
      g_assert_cmpuint (plan.n_parts, <=, limits.max_parts);
      if (asked >= limits.min_part_size && asked <= limits.max_part_size && asked > 0)
        g_assert_cmpuint (plan.part_size, >=, asked);
      streamer_plan_get_part (&plan, plan.n_parts, &offset, &length);
      g_assert_cmpuint (offset + length, ==, size);
      g_assert_true (length > 0 || size == 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/exact-boundaries", test_exact_boundaries);
  g_test_add_func ("/plan/part-size-grows-in-whole-mib", test_part_size_grows_in_whole_mib);
  g_test_add_func ("/plan/asked-for-is-brought-into-the-limits",
                   test_asked_for_is_brought_into_the_limits);
  g_test_add_func ("/plan/unknown-size", test_unknown_size);
  g_test_add_func ("/plan/too-large", test_too_large);
  g_test_add_func ("/plan/random-sizes", test_random_sizes);
  return g_test_run ();
}
