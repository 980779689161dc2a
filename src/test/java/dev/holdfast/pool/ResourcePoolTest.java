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
    private final ThingFactory things = new ThingFactory();

    @Test
    void createsAtTheFirstAcquireAndLendsTheMostRecentlyUsedFirst() {
        ResourcePool<Resource> pool = pool(3);
        assertThat(things.created).isEmpty();
        Lease<Resource> first = pool.acquire(Duration.ZERO);
        Lease<Resource> second = pool.acquire(Duration.ZERO);
        Resource last = first.value();
        second.close();
        first.close();

        assertThat(pool.acquire(Duration.ZERO).value()).isSameAs(last);
        assertThat(things.created).hasSize(2);
        assertThat(pool).hasToString("thing pool[limit 3, in use 1]");
    }

    @Test
    void acquireOverTheLimitFailsImmediatelyWithoutTimeout() {
        ResourcePool<Resource> pool = pool(1);
        Lease<Resource> only = pool.acquire(Duration.ZERO);

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
    void aSpuriousWakeUpDoesNotExtendTheTimeout() {
        long end = Duration.ofDays(1).toNanos();
        Iterator<Long> times = List.of(0L, 0L, end - 2, end - 1, end).iterator();
        ResourcePool<Resource> pool = new ResourcePool<>("thing", 1, things, times::next);
        pool.acquire(Duration.ZERO); // takes the first time

        assertThatThrownBy(() -> pool.acquire(Duration.ofDays(1))).isInstanceOf(LimitExceededException.class);
        assertThat(times).isExhausted();
    }

    @Test
    void rejectsInvalidArguments() {
        assertThatIllegalArgumentException().isThrownBy(() -> pool(0)).withMessage("limit: 0 (expected: >= 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> pool(1).resize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> pool(1).acquire(Duration.ofNanos(-1)));
    }

    @Test
    void releasesOnceAndRejectsUseAfterRelease() {
        ResourcePool<Resource> pool = pool(2);
        Lease<Resource> lease = pool.acquire(Duration.ZERO);
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
    void theSlotOfADiscardedResourceIsFreeOnceItIsClosed() {
        ResourcePool<Resource> pool = pool(1);
        Lease<Resource> lease = pool.acquire(Duration.ZERO);
        Resource thing = lease.value();
        thing.closing = new CompletableFuture<>();
        lease.discard();

        assertThat(things.closed).containsExactly(thing);
        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        thing.closing.completeExceptionally(new IllegalStateException("close failed"));
        assertThat(pool.acquire(Duration.ZERO).value()).isNotSameAs(thing);
    }

    @Test
    void theSlotOfAResourceThatFailsToCloseIsFreed() {
        ResourcePool<Resource> pool = pool(1);
        Lease<Resource> lease = pool.acquire(Duration.ZERO);
        lease.value().closeFails = true;
        lease.discard();

        assertThat(pool.acquire(Duration.ZERO).value()).isNotNull();
    }

    @Test
    void doesNotLendAnUnusableResource() {
        ResourcePool<Resource> pool = pool(2);
        Lease<Resource> inUse = pool.acquire(Duration.ZERO);
        inUse.value().usable = false;
        inUse.close();
        Lease<Resource> idle = pool.acquire(Duration.ZERO);
        Resource thing = idle.value();
        idle.close();
        thing.usable = false;

        assertThat(pool.acquire(Duration.ZERO).value().usable).isTrue();
        assertThat(things.created).hasSize(3);
        assertThat(pool.available()).isEqualTo(1);
    }

    @Test
    void theSlotIsFreedWhenCreationFails() {
        ResourcePool<Resource> pool = pool(1);
        things.createFails = true;
        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).hasMessage("cannot be created");
        things.createFails = false;

        assertThat(pool.acquire(Duration.ZERO).value()).isNotNull();
    }

    @Test
    void servesWaitersInOrderOfArrival() throws Exception {
        ResourcePool<Resource> pool = pool(1);
        Lease<Resource> first = pool.acquire(Duration.ZERO);
        BlockingQueue<Integer> served = new LinkedBlockingQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            threads.add(startWaiting(() -> {
                Lease<Resource> lease = pool.acquire(LONG);
                served.add(number);
                lease.close();
            }));
        }
        first.close();
        for (int i = 0; i < 5; i++) {
            assertThat(served.poll(30, TimeUnit.SECONDS)).isEqualTo(i);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void aLaterAcquireDoesNotOvertakeAWaiter() throws Exception {
        ResourcePool<Resource> pool = pool(1);
        Lease<Resource> lease = pool.acquire(Duration.ZERO);
        CompletableFuture<Lease<Resource>> got = new CompletableFuture<>();
        startWaiting(() -> got.complete(pool.acquire(LONG)));
        lease.close();

        // The waiter has the resource or is about to get it: a later acquire must not take it.
        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        assertThat(got.get(30, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void anInterruptEndsTheWaitAndKeepsTheFlag() throws Exception {
        ResourcePool<Resource> pool = pool(1);
        Lease<Resource> lease = pool.acquire(Duration.ZERO);
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread thread = startWaiting(() -> {
            assertThatThrownBy(() -> pool.acquire(LONG))
                    .isInstanceOf(AmqpTimeoutException.class)
                    .hasMessage("interrupted while waiting for a thing");
            flag.complete(Thread.currentThread().isInterrupted());
        });
        thread.interrupt();
        assertThat(flag.get(30, TimeUnit.SECONDS)).isTrue();
        lease.close();
        assertThat(pool.acquire(Duration.ZERO).value()).isNotNull();
    }

    @Test
    void closeClosesIdleAndUsedResourcesAndFailsWaiters() throws Exception {
        ResourcePool<Resource> pool = pool(2);
        Lease<Resource> lease = pool.acquire(Duration.ZERO);
        pool.acquire(Duration.ZERO).close();
        pool.resize(1);
        pool.resize(2);
        Lease<Resource> second = pool.acquire(Duration.ZERO);
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
        for (int i = 0; i < 3; i++) {
            startWaiting(() -> {
                try {
                    pool.acquire(LONG).close();
                } catch (IllegalStateException e) {
                    failures.add(e);
                }
            });
        }
        assertThat(pool.close(Duration.ZERO)).isCompleted();
        lease.close();
        second.discard();

        assertThat(things.closed).hasSize(3).doesNotHaveDuplicates();
        assertThat(pool.inUse() + pool.available()).isZero();
        for (int i = 0; i < 3; i++) {
            assertThat(failures.poll(30, TimeUnit.SECONDS)).hasMessage("acquire on closed pool of things");
        }
        assertThat(pool.close(Duration.ZERO)).isCompleted();
    }

    @Test
    void closeFailsWaitersBeforeASlowResourceIsClosed() throws Exception {
        ResourcePool<Resource> pool = pool(1);
        pool.acquire(Duration.ZERO).value().closing = new CompletableFuture<>();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        startWaiting(() -> failure.complete(catchThrowable(() -> pool.acquire(LONG))));

        assertThat(pool.close(Duration.ZERO)).isNotDone();
        assertThat(failure.get(30, TimeUnit.SECONDS)).hasMessage("acquire on closed pool of things");
    }

    @Test
    void anIdleResourceIsClosedOnce() {
        ResourcePool<Resource> pool = pool(1);
        pool.acquire(Duration.ZERO).close();
        assertThat(pool.close(Duration.ZERO)).isCompleted();
        assertThat(pool.close(Duration.ZERO)).isCompleted();

        assertThat(things.closed).hasSize(1);
    }

    @Test
    void closesAResourceThatWasCreatedDuringClose() {
        ResourcePool<Resource> pool = pool(1);
        things.duringCreate = () -> pool.close(Duration.ZERO);

        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        assertThat(things.closed).isEqualTo(things.created);
    }

    @Test
    void shrinkingClosesSurplusResourcesAtTheirRelease() {
        ResourcePool<Resource> pool = pool(3);
        List<Lease<Resource>> leases =
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
    void shrinkingClosesTheLeastRecentlyUsedIdleResource() {
        ResourcePool<Resource> pool = pool(2);
        Lease<Resource> older = pool.acquire(Duration.ZERO);
        Lease<Resource> newer = pool.acquire(Duration.ZERO);
        older.close();
        newer.close();
        pool.resize(1);

        assertThat(things.closed).containsExactly(older.resource);
    }

    /** Kombu's producer pool lends 5 after a resize from 2 to 3. */
    @Test
    void growingFromTwoToThreeLendsThree() {
        ResourcePool<Resource> pool = pool(2);
        pool.acquire(Duration.ZERO);
        pool.acquire(Duration.ZERO);
        pool.resize(3);
        pool.acquire(Duration.ZERO);

        assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        assertThat(pool.inUse()).isEqualTo(3);
    }

    @Test
    void growingWakesOneWaiterForEachNewSlot() throws Exception {
        ResourcePool<Resource> pool = pool(1);
        pool.acquire(Duration.ZERO);
        BlockingQueue<Lease<Resource>> got = new LinkedBlockingQueue<>();
        startWaiting(() -> got.add(pool.acquire(LONG)));
        startWaiting(() -> got.add(pool.acquire(LONG)));
        pool.resize(3);

        assertThat(got.poll(30, TimeUnit.SECONDS)).isNotNull();
        assertThat(got.poll(30, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void neverExceedsTheLimitUnderLoad() throws Exception {
        long seed = System.nanoTime();
        ResourcePool<Resource> pool = pool(4);
        List<Throwable> errors = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Random random = new Random(seed + i);
            threads.add(start(() -> {
                try {
                    for (int j = 0; j < 2_000; j++) {
                        use(pool, random);
                    }
                } catch (RuntimeException | AssertionError e) {
                    errors.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(errors).as("seed " + seed).isEmpty();
        assertThat(things.maxAlive).as("seed " + seed).hasValueLessThanOrEqualTo(4);
        pool.resize(4);
        assertThat(pool.inUse()).isZero();
        assertThat(pool.available()).isEqualTo(4);
    }

    private static void use(ResourcePool<Resource> pool, Random random) {
        if (random.nextInt(50) == 0) {
            pool.resize(1 + random.nextInt(4));
        }
        try (Lease<Resource> lease = pool.acquire(random.nextBoolean() ? LONG : Duration.ofMillis(1))) {
            Resource thing = lease.value();
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

    private ResourcePool<Resource> pool(int limit) {
        return new ResourcePool<>("thing", limit, things, System::nanoTime);
    }

    /** Starts a thread and returns when it waits, so that threads wait in the order of these calls. */
    private static Thread startWaiting(Runnable task) throws Exception {
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

    private static final class Resource {
        final AtomicInteger users = new AtomicInteger();
        volatile boolean usable = true;
        CompletableFuture<Void> closing = CompletableFuture.completedFuture(null);
        boolean closeFails;
    }

    private static final class ThingFactory implements ResourcePool.Resources<Resource> {
        final List<Resource> created = new CopyOnWriteArrayList<>();
        final List<Resource> closed = new CopyOnWriteArrayList<>();
        final AtomicInteger alive = new AtomicInteger();
        final AtomicInteger maxAlive = new AtomicInteger();
        boolean createFails;
        Runnable duringCreate = () -> {};

        @Override
        public Resource create() {
            if (createFails) {
                throw new UnsupportedOperationException("cannot be created");
            }
            maxAlive.accumulateAndGet(alive.incrementAndGet(), Math::max);
            Resource thing = new Resource();
            created.add(thing);
            duringCreate.run();
            return thing;
        }

        @Override
        public boolean usable(Resource thing) {
            return thing.usable;
        }

        @Override
        public CompletableFuture<?> close(Resource thing, Duration timeout) {
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
