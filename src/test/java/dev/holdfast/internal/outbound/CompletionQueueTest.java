package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionQueueTest {
    private final List<String> told = new ArrayList<>();

    @Test
    void tellsInOrderAndOnlyWhenAsked() {
        CompletionQueue outcomes = new CompletionQueue(null, new Counters());
        for (int i = 0; i < 200; i++) {
            outcomes.confirmed(named("" + i), Confirmation.ONE);
        }
        assertThat(told).isEmpty();
        outcomes.tell();
        outcomes.tell();
        assertThat(told).hasSize(200).startsWith("0", "1", "2").endsWith("198", "199");
    }

    @Test
    void tellingOneMessageAtATimeAllocatesNothing() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        CompletionQueue outcomes = new CompletionQueue(null, new Counters());
        List<CompletableFuture<Confirmation>> futures = Stream.generate(CompletableFuture<Confirmation>::new)
                .limit(10_000)
                .toList();
        outcomes.confirmed(named("loads what is needed once"), Confirmation.ONE);
        outcomes.tell();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            outcomes.confirmed(futures.get(i), Confirmation.ONE);
            outcomes.tell();
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
        assertThat(futures).allMatch(CompletableFuture::isDone);
    }

    @Test
    void keepsWhatIsFoundWhileItTells() {
        CompletionQueue outcomes = new CompletionQueue(null, new Counters());
        CompletableFuture<Confirmation> first = named("first");
        first.whenComplete((done, error) -> {
            for (int i = 0; i < 3; i++) {
                outcomes.failed(named("nested" + i), new IllegalStateException());
                outcomes.tell();
            }
        });
        outcomes.confirmed(first, Confirmation.ONE);
        outcomes.confirmed(named("second"), Confirmation.ONE);
        outcomes.confirmed(named("third"), Confirmation.ONE);
        outcomes.tell();

        assertThat(told).containsExactly("first", "second", "third", "nested0", "nested1", "nested2");
    }

    /** Failing a whole window must not take a stack trace for each of its messages at the same time. */
    @Test
    void makesAnExceptionOnlyWhenItIsTold() {
        CompletionQueue outcomes = new CompletionQueue(null, new Counters());
        AtomicInteger made = new AtomicInteger();
        List<Integer> madeByThen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Confirmation> future = new CompletableFuture<>();
            future.whenComplete((done, error) -> {
                assertThat(error).isInstanceOf(AmqpTimeoutException.class);
                madeByThen.add(made.get());
            });
            outcomes.failed(future, () -> new AmqpTimeoutException("late " + made.incrementAndGet()));
        }
        assertThat(made).hasValue(0);
        outcomes.tell();
        assertThat(madeByThen).containsExactly(1, 2, 3);
    }

    /** Nor for those that were told: who is interested holds the future. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void keepsNoExceptionThatWasTold(boolean elsewhere) {
        CompletionQueue outcomes = new CompletionQueue(elsewhere ? Runnable::run : null, new Counters());
        AtomicReference<WeakReference<Object>> first = new AtomicReference<>();
        CompletableFuture<Confirmation> last = new CompletableFuture<>();
        AtomicBoolean collected = new AtomicBoolean();
        last.whenComplete((done, error) -> {
            System.gc();
            collected.set(first.get().refersTo(null));
        });
        outcomes.failed(new CompletableFuture<>(), () -> {
            AmqpTimeoutException made = new AmqpTimeoutException("late");
            first.set(new WeakReference<>(made));
            return made;
        });
        outcomes.failed(last, () -> new AmqpTimeoutException("late"));
        outcomes.tell();
        assertThat(collected).isTrue();
    }

    /** Out of memory, say: once there is some again, nobody is left out and nobody is told twice. */
    @Test
    void goesOnWhereMakingAnExceptionWentWrong() {
        CompletionQueue outcomes = new CompletionQueue(null, new Counters());
        AtomicBoolean broken = new AtomicBoolean(true);
        CompletableFuture<Confirmation> first = named("first");
        outcomes.failed(first, () -> new AmqpTimeoutException("late"));
        outcomes.failed(named("second"), () -> {
            if (broken.get()) {
                throw new OutOfMemoryError("in a test");
            }
            return new AmqpTimeoutException("late");
        });
        outcomes.confirmed(named("third"), Confirmation.ONE);
        assertThatThrownBy(outcomes::tell).isInstanceOf(OutOfMemoryError.class);
        broken.set(false);
        outcomes.tell();
        assertThat(told).containsExactly("first", "second", "third");
    }

    @Test
    void completesOnTheExecutorThatWasChosen() {
        List<Runnable> tasks = new ArrayList<>();
        CompletionQueue outcomes = new CompletionQueue(tasks::add, new Counters());
        outcomes.confirmed(named("a"), Confirmation.ONE);
        outcomes.notice(() -> told.add("notice"));
        outcomes.tell();

        assertThat(told).isEmpty();
        tasks.forEach(Runnable::run);
        assertThat(told).containsExactly("notice", "a");
    }

    @Test
    void losesNothingToAnExecutorThatRefuses() {
        CompletionQueue outcomes = new CompletionQueue(
                task -> {
                    throw new RejectedExecutionException("shut down");
                },
                new Counters());
        outcomes.confirmed(named("a"), Confirmation.ONE);
        outcomes.tell();

        assertThat(told).containsExactly("a");
    }

    private CompletableFuture<Confirmation> named(String name) {
        CompletableFuture<Confirmation> future = new CompletableFuture<>();
        future.whenComplete((done, error) -> told.add(name));
        return future;
    }
}
