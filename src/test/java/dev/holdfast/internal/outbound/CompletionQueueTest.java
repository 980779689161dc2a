package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import dev.holdfast.testing.LogLines;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionQueueTest {
    private final List<String> completed = new ArrayList<>();

    @Test
    void completesInOrderAndOnlyOnRequest() {
        CompletionQueue completions = new CompletionQueue(null, new Counters());
        for (int i = 0; i < 200; i++) {
            completions.addConfirmed(named("" + i), Confirmation.ONE);
        }
        assertThat(completed).isEmpty();
        completions.completeAll();
        completions.completeAll();
        assertThat(completed).hasSize(200).startsWith("0", "1", "2").endsWith("198", "199");
    }

    @Test
    void completingOneMessageAtATimeAllocatesNothing() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        CompletionQueue completions = new CompletionQueue(null, new Counters());
        List<CompletableFuture<Confirmation>> futures = Stream.generate(CompletableFuture<Confirmation>::new)
                .limit(10_000)
                .toList();
        completions.addConfirmed(named("loads classes"), Confirmation.ONE);
        completions.completeAll();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            completions.addConfirmed(futures.get(i), Confirmation.ONE);
            completions.completeAll();
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
        assertThat(futures).allMatch(CompletableFuture::isDone);
    }

    @Test
    void outcomesAddedByACompletionAreCompletedLast() {
        CompletionQueue completions = new CompletionQueue(null, new Counters());
        CompletableFuture<Confirmation> first = named("first");
        first.whenComplete((done, error) -> {
            for (int i = 0; i < 3; i++) {
                completions.addFailed(named("nested" + i), new IllegalStateException());
                completions.completeAll();
            }
        });
        completions.addConfirmed(first, Confirmation.ONE);
        completions.addConfirmed(named("second"), Confirmation.ONE);
        completions.addConfirmed(named("third"), Confirmation.ONE);
        completions.completeAll();

        assertThat(completed).containsExactly("first", "second", "third", "nested0", "nested1", "nested2");
    }

    /** The stack traces of a window that fails must not exist all at the same time. */
    @Test
    void createsAnExceptionWhenItsFutureCompletes() {
        CompletionQueue completions = new CompletionQueue(null, new Counters());
        AtomicInteger created = new AtomicInteger();
        List<Integer> createdByThen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Confirmation> future = new CompletableFuture<>();
            future.whenComplete((done, error) -> {
                assertThat(error).isInstanceOf(AmqpTimeoutException.class);
                createdByThen.add(created.get());
            });
            completions.addFailed(future, () -> new AmqpTimeoutException("late " + created.incrementAndGet()));
        }
        assertThat(created).hasValue(0);
        completions.completeAll();
        assertThat(createdByThen).containsExactly(1, 2, 3);
    }

    /** A caller that needs the exception holds its future. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void retainsNoExceptionOfACompletedFuture(boolean onExecutor) {
        CompletionQueue completions = new CompletionQueue(onExecutor ? Runnable::run : null, new Counters());
        AtomicReference<WeakReference<Object>> first = new AtomicReference<>();
        CompletableFuture<Confirmation> last = new CompletableFuture<>();
        AtomicBoolean collected = new AtomicBoolean();
        last.whenComplete((done, error) -> {
            System.gc();
            collected.set(first.get().refersTo(null));
        });
        completions.addFailed(new CompletableFuture<>(), () -> {
            AmqpTimeoutException made = new AmqpTimeoutException("late");
            first.set(new WeakReference<>(made));
            return made;
        });
        completions.addFailed(last, () -> new AmqpTimeoutException("late"));
        completions.completeAll();
        assertThat(collected).isTrue();
    }

    /** The outcome is known; only the exception that describes it could not be created. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void errorOfTheCreationOfAnExceptionIsTheOutcome(boolean onExecutor) {
        CompletionQueue completions = new CompletionQueue(onExecutor ? Runnable::run : null, new Counters());
        CompletableFuture<Confirmation> failed = named("second");
        OutOfMemoryError error = new OutOfMemoryError("in a test");
        completions.addFailed(named("first"), () -> new AmqpTimeoutException("late"));
        completions.addFailed(failed, () -> {
            throw error;
        });
        completions.addConfirmed(named("third"), Confirmation.ONE);
        completions.completeAll();

        assertThat(completed).containsExactly("first", "second", "third");
        assertThatThrownBy(failed::join).hasCause(error);
    }

    @Test
    void completesOnTheConfiguredExecutor() {
        List<Runnable> tasks = new ArrayList<>();
        CompletionQueue completions = new CompletionQueue(tasks::add, new Counters());
        completions.addConfirmed(named("a"), Confirmation.ONE);
        completions.addCallback(() -> completed.add("callback"));
        completions.completeAll();

        assertThat(completed).isEmpty();
        tasks.forEach(Runnable::run);
        assertThat(completed).containsExactly("callback", "a");
    }

    /** The executor may be busy with the callback that waits. */
    @Test
    void futureOfABlockingPublishNeedsNoExecutor() {
        List<Runnable> tasks = new ArrayList<>();
        CompletionQueue completions = new CompletionQueue(tasks::add, new Counters());
        CompletableFuture<Confirmation> awaited = new CompletionQueue.CallerFuture();
        completions.addConfirmed(awaited, Confirmation.ONE);
        completions.completeAll();
        assertThat(awaited).isCompletedWithValue(Confirmation.ONE);
        assertThat(tasks).isEmpty();

        CompletableFuture<Confirmation> failed = new CompletionQueue.CallerFuture();
        completions.addConfirmed(named("of the user"), Confirmation.ONE);
        completions.addFailed(failed, () -> new AmqpTimeoutException("late"));
        completions.completeAll();
        assertThat(failed).isCompletedExceptionally();
        assertThat(completed).isEmpty();
        tasks.forEach(Runnable::run);
        assertThat(completed).containsExactly("of the user");
    }

    @Test
    void losesNoOutcomeToAnExecutorThatRejects() {
        CompletionQueue completions = new CompletionQueue(
                task -> {
                    throw new RejectedExecutionException("shut down");
                },
                new Counters());
        completions.addConfirmed(named("a"), Confirmation.ONE);
        completions.completeAll();

        assertThat(completed).containsExactly("a");
    }

    @Test
    void anExceptionOfACallbackIsLoggedAndTheOthersRun() {
        CompletionQueue completions = new CompletionQueue(null, new Counters());
        completions.addCallback(() -> {
            throw new IllegalStateException("thrown by a callback");
        });
        completions.addCallback(() -> completed.add("callback"));
        completions.addConfirmed(named("a"), Confirmation.ONE);
        Thread thread = Thread.currentThread();
        List<Throwable> uncaught = new ArrayList<>();
        thread.setUncaughtExceptionHandler((unused, thrown) -> uncaught.add(thrown));
        try (LogLines log = new LogLines()) {
            completions.completeAll();

            assertThat(completed).containsExactly("callback", "a");
            assertThat(log.lines(Level.WARNING)).contains("IllegalStateException: thrown by a callback");
            assertThat(uncaught).isEmpty();
        } finally {
            thread.setUncaughtExceptionHandler(null);
        }
    }

    private CompletableFuture<Confirmation> named(String name) {
        CompletableFuture<Confirmation> future = new CompletableFuture<>();
        future.whenComplete((done, error) -> completed.add(name));
        return future;
    }
}
