package dev.holdfast.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.LimitExceededException;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ResourcePoolTest {
    private static final Duration LONG = Duration.ofSeconds(50);
    private final Things things = new Things();

    @Test
    void makesNothingBeforeItIsNeededAndLendsTheLastUsedFirst() {
        ResourcePool<Thing> pool = pool(3);
        assertThat(things.made).isEmpty();
        Lease<Thing> first = pool.acquire(Duration.ZERO);
        Lease<Thing> second = pool.acquire(Duration.ZERO);
        Thing last = first.value();
        second.close();
        first.close();

        assertThat(pool.acquire(Duration.ZERO).value()).isSameAs(last);
        assertThat(things.made).hasSize(2);
        assertThat(pool).hasToString("thing pool[limit 3, in use 1]");
    }

    @Test
    void refusesAtOnceWhatGoesOverTheLimit() {
        ResourcePool<Thing> pool = pool(1);
        Lease<Thing> only = pool.acquire(Duration.ZERO);

        assertThatThrownBy(() -> pool.acquire(Duration.ZERO))
                .isInstanceOfSatisfying(LimitExceededException.class, e -> {
                    assertThat(e.limit()).isEqualTo(1);
                    assertThat(e.timeout()).isZero();
                    assertThat(e.recoverable()).isTrue();
                })
                .hasMessage("no thing free within PT0S (limit: 1, in use: 1)");
        only.close();
        assertThat(pool.acquire(Duration.ZERO).value()).isNotNull();
    }

    @Test
    void measuresOneTimeoutWhateverWakesTheWaiter() {
        long end = Duration.ofDays(1).toNanos();
        Iterator<Long> times = List.of(0L, 0L, end - 2, end - 1, end).iterator();
        ResourcePool<Thing> pool = new ResourcePool<>("thing", 1, things, times::next);
        pool.acquire(Duration.ZERO); // takes the first time

        assertThatThrownBy(() -> pool.acquire(Duration.ofDays(1))).isInstanceOf(LimitExceededException.class);
        assertThat(times).isExhausted();
    }

    @Test
    void refusesWrongArguments() {
        assertThatIllegalArgumentException().isThrownBy(() -> pool(0)).withMessage("limit: 0 (expected: >= 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> pool(1).resize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> pool(1).acquire(Duration.ofNanos(-1)));
    }

    @Test
    void givesBackOnceAndRefusesUseAfterIt() {
        ResourcePool<Thing> pool = pool(2);
        Lease<Thing> lease = pool.acquire(Duration.ZERO);
        lease.close();
        lease.close();
        lease.discard();

        assertThat(pool.available()).isEqualTo(2);
        assertThat(things.closed).isEmpty();
        assertThatThrownBy(lease::value)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("lease: released (expected: use before release)");
    }

    @Test
    void freesThePlaceOfWhatWasDiscardedWhenItIsClosed() {
        ResourcePool<Thing> pool = pool(1);
        Lease<Thing> lease = pool.acquire(Duration.ZERO);
        Thing thing = lease.value();
        thing.closing = new CompletableFuture<>();
        lease.discard();

        assertThat(things.closed).containsExactly(thing);
        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        thing.closing.completeExceptionally(new IllegalStateException("even so"));
        assertThat(pool.acquire(Duration.ZERO).value()).isNotSameAs(thing);
    }

    @Test
    void freesThePlaceOfWhatCouldNotBeClosed() {
        ResourcePool<Thing> pool = pool(1);
        Lease<Thing> lease = pool.acquire(Duration.ZERO);
        lease.value().closeFails = true;
        lease.discard();

        assertThat(pool.acquire(Duration.ZERO).value()).isNotNull();
    }

    @Test
    void neverLendsWhatIsBroken() {
        ResourcePool<Thing> pool = pool(2);
        Lease<Thing> inUse = pool.acquire(Duration.ZERO);
        inUse.value().usable = false;
        inUse.close();
        Lease<Thing> idle = pool.acquire(Duration.ZERO);
        Thing thing = idle.value();
        idle.close();
        thing.usable = false;

        assertThat(pool.acquire(Duration.ZERO).value().usable).isTrue();
        assertThat(things.made).hasSize(3);
        assertThat(pool.available()).isEqualTo(1);
    }

    @Test
    void keepsItsPlaceWhenNothingCouldBeMade() {
        ResourcePool<Thing> pool = pool(1);
        things.failing = true;
        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).hasMessage("cannot be made");
        things.failing = false;

        assertThat(pool.acquire(Duration.ZERO).value()).isNotNull();
    }

    @Test
    void servesWaitersInTheirOrder() throws Exception {
        ResourcePool<Thing> pool = pool(1);
        Lease<Thing> held = pool.acquire(Duration.ZERO);
        BlockingQueue<Integer> served = new LinkedBlockingQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            threads.add(waiting(() -> {
                Lease<Thing> lease = pool.acquire(LONG);
                served.add(number);
                lease.close();
            }));
        }
        held.close();
        for (int i = 0; i < 5; i++) {
            assertThat(served.poll(30, TimeUnit.SECONDS)).isEqualTo(i);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void nobodyOvertakesWhoeverWaits() throws Exception {
        ResourcePool<Thing> pool = pool(1);
        Lease<Thing> held = pool.acquire(Duration.ZERO);
        CompletableFuture<Lease<Thing>> got = new CompletableFuture<>();
        waiting(() -> got.complete(pool.acquire(LONG)));
        held.close();

        // The waiter has it or is about to: whoever comes now may not take it away.
        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        assertThat(got.get(30, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void anInterruptEndsTheWaitWithItsFlagSet() throws Exception {
        ResourcePool<Thing> pool = pool(1);
        Lease<Thing> held = pool.acquire(Duration.ZERO);
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread thread = waiting(() -> {
            assertThatThrownBy(() -> pool.acquire(LONG))
                    .isInstanceOf(AmqpTimeoutException.class)
                    .hasMessage("interrupted while waiting for a thing");
            flag.complete(Thread.currentThread().isInterrupted());
        });
        thread.interrupt();
        assertThat(flag.get(30, TimeUnit.SECONDS)).isTrue();
        held.close();
        assertThat(pool.acquire(Duration.ZERO).value()).isNotNull();
    }

    @Test
    void closeEndsIdleOnesThoseInUseAndWaiters() throws Exception {
        ResourcePool<Thing> pool = pool(2);
        Lease<Thing> held = pool.acquire(Duration.ZERO);
        pool.acquire(Duration.ZERO).close();
        pool.resize(1);
        pool.resize(2);
        Lease<Thing> second = pool.acquire(Duration.ZERO);
        BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
        for (int i = 0; i < 3; i++) {
            waiting(() -> {
                try {
                    pool.acquire(LONG).close();
                } catch (IllegalStateException e) {
                    told.add(e);
                }
            });
        }
        assertThat(pool.close(Duration.ZERO)).isCompleted();
        held.close();
        second.discard();

        assertThat(things.closed).hasSize(3).doesNotHaveDuplicates();
        assertThat(pool.inUse() + pool.available()).isZero();
        for (int i = 0; i < 3; i++) {
            assertThat(told.poll(30, TimeUnit.SECONDS)).hasMessage("acquire on closed pool of things");
        }
        assertThat(pool.close(Duration.ZERO)).isCompleted();
    }

    @Test
    void closeTellsWaitersThoughWhatIsLentIsSlowToClose() throws Exception {
        ResourcePool<Thing> pool = pool(1);
        pool.acquire(Duration.ZERO).value().closing = new CompletableFuture<>();
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        waiting(() -> told.complete(catchThrowable(() -> pool.acquire(LONG))));

        assertThat(pool.close(Duration.ZERO)).isNotDone();
        assertThat(told.get(30, TimeUnit.SECONDS)).hasMessage("acquire on closed pool of things");
    }

    @Test
    void whatIsIdleIsClosedOnce() {
        ResourcePool<Thing> pool = pool(1);
        pool.acquire(Duration.ZERO).close();
        assertThat(pool.close(Duration.ZERO)).isCompleted();
        assertThat(pool.close(Duration.ZERO)).isCompleted();

        assertThat(things.closed).hasSize(1);
    }

    @Test
    void closesWhatWasMadeForAPoolThatIsClosedByThen() {
        ResourcePool<Thing> pool = pool(1);
        things.whileMaking = () -> pool.close(Duration.ZERO);

        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        assertThat(things.closed).isEqualTo(things.made);
    }

    @Test
    void shrinksWhileMoreAreInUseAndClosesThemWhenTheyComeBack() {
        ResourcePool<Thing> pool = pool(3);
        List<Lease<Thing>> leases =
                List.of(pool.acquire(Duration.ZERO), pool.acquire(Duration.ZERO), pool.acquire(Duration.ZERO));
        pool.resize(1);
        assertThat(pool.available()).isZero();
        leases.get(0).close();
        leases.get(1).close();
        assertThat(things.closed).hasSize(2);
        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        leases.get(2).close();

        assertThat(things.closed).hasSize(2);
        assertThat(pool.available()).isEqualTo(1);
    }

    @Test
    void shrinkingClosesTheLeastRecentlyUsed() {
        ResourcePool<Thing> pool = pool(2);
        Lease<Thing> older = pool.acquire(Duration.ZERO);
        Lease<Thing> newer = pool.acquire(Duration.ZERO);
        older.close();
        newer.close();
        pool.resize(1);

        assertThat(things.closed).containsExactly(older.resource);
    }

    /** Kombu's producer pool lets 5 out after a resize from 2 to 3. */
    @Test
    void growingFromTwoToThreeLendsThree() {
        ResourcePool<Thing> pool = pool(2);
        pool.acquire(Duration.ZERO);
        pool.acquire(Duration.ZERO);
        pool.resize(3);
        pool.acquire(Duration.ZERO);

        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        assertThat(pool.inUse()).isEqualTo(3);
    }

    @Test
    void growingWakesAsManyWaitersAsItMakesRoomFor() throws Exception {
        ResourcePool<Thing> pool = pool(1);
        pool.acquire(Duration.ZERO);
        BlockingQueue<Lease<Thing>> got = new LinkedBlockingQueue<>();
        waiting(() -> got.add(pool.acquire(LONG)));
        waiting(() -> got.add(pool.acquire(LONG)));
        pool.resize(3);

        assertThat(got.poll(30, TimeUnit.SECONDS)).isNotNull();
        assertThat(got.poll(30, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void countsExactlyUnderLoad() throws Exception {
        long seed = System.nanoTime();
        ResourcePool<Thing> pool = pool(4);
        List<Throwable> wrong = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Random random = new Random(seed + i);
            threads.add(start(() -> {
                try {
                    for (int j = 0; j < 2_000; j++) {
                        use(pool, random);
                    }
                } catch (RuntimeException | AssertionError e) {
                    wrong.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).as("seed " + seed).isEmpty();
        assertThat(things.most).as("seed " + seed).hasValueLessThanOrEqualTo(4);
        pool.resize(4);
        assertThat(pool.inUse()).isZero();
        assertThat(pool.available()).isEqualTo(4);
    }

    private static void use(ResourcePool<Thing> pool, Random random) {
        if (random.nextInt(50) == 0) {
            pool.resize(1 + random.nextInt(4));
        }
        try (Lease<Thing> lease = pool.acquire(random.nextBoolean() ? LONG : Duration.ofMillis(1))) {
            Thing thing = lease.value();
            assertThat(thing.users.incrementAndGet()).isEqualTo(1);
            thing.usable = random.nextInt(10) > 0;
            thing.users.decrementAndGet();
            if (random.nextInt(10) == 0) {
                lease.discard();
            }
        } catch (LimitExceededException e) {
            assertThat(e.limit()).isBetween(1, 4);
        }
    }

    private ResourcePool<Thing> pool(int limit) {
        return new ResourcePool<>("thing", limit, things, System::nanoTime);
    }

    /** Starts a thread and returns when it waits, so that the next comes after it. */
    private static Thread waiting(Runnable task) throws Exception {
        Thread thread = start(task);
        Await.until("a waiter", () -> thread.getState() == Thread.State.TIMED_WAITING);
        return thread;
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static final class Thing {
        final AtomicInteger users = new AtomicInteger();
        volatile boolean usable = true;
        CompletableFuture<Void> closing = CompletableFuture.completedFuture(null);
        boolean closeFails;
    }

    private static final class Things implements ResourcePool.Resources<Thing> {
        final List<Thing> made = new CopyOnWriteArrayList<>();
        final List<Thing> closed = new CopyOnWriteArrayList<>();
        final AtomicInteger alive = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        boolean failing;
        Runnable whileMaking = () -> {};

        @Override
        public Thing make() {
            if (failing) {
                throw new UnsupportedOperationException("cannot be made");
            }
            most.accumulateAndGet(alive.incrementAndGet(), Math::max);
            Thing thing = new Thing();
            made.add(thing);
            whileMaking.run();
            return thing;
        }

        @Override
        public boolean usable(Thing thing) {
            return thing.usable;
        }

        @Override
        public CompletableFuture<?> close(Thing thing, Duration timeout) {
            alive.decrementAndGet();
            closed.add(thing);
            if (thing.closeFails) {
                throw new UnsupportedOperationException("cannot be closed");
            }
            return thing.closing;
        }

        @Override
        public Duration closeTimeout() {
            return Duration.ofSeconds(1);
        }
    }
}
