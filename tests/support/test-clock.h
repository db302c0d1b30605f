/* test-clock.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-clock.h"
#include "streamer-pool.h"

G_BEGIN_DECLS

#define TEST_TYPE_CLOCK (test_clock_get_type ())
G_DECLARE_FINAL_TYPE (TestClock, test_clock, TEST, CLOCK, StreamerClock)

/**
 * TestClock:
 *
 * A clock whose time moves only when a test says so. It may be asked from any thread; what moves it
 * belongs to the thread of the main context.
 */
TestClock *test_clock_new (void);

/**
 * test_clock_advance:
 *
 * Lets so much time go by. Each timer that comes up on the way is dispatched in its turn, at its own
 * time, and so is what it makes ready on the main context.
 */
void test_clock_advance (TestClock *self, gint64 usec);

/** Lets time go by up to the next timer, and dispatches it. Returns: FALSE where there is none */
gboolean test_clock_advance_to_next (TestClock *self);

/** As if the program had been stopped: so much time goes by, and nobody notices. */
void test_clock_skip (TestClock *self, gint64 usec);

/** As if the computer had slept: so much time goes by on the wall, and no timer knows of it. */
void test_clock_sleep (TestClock *self, gint64 usec);

/** Returns: µs until the next timer; -1 where there is none */
gint64 test_clock_get_next (TestClock *self);

/**
 * test_clock_wait_until:
 * @pool: (nullable): time stands still while it has work
 *
 * Runs the main context until @condition holds. Where nothing is left to do and still it does not
 * hold, time goes by up to the next timer.
 */
#define test_clock_wait_until(clock, pool, condition)                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    while (!(condition))                                                                           \
      test_clock_step (clock, pool);                                                               \
  }                                                                                                \
  G_STMT_END

void test_clock_step (TestClock *self, StreamerPool *pool);

G_END_DECLS
