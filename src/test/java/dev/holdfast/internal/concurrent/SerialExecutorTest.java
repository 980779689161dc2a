package dev.holdfast.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
    private final Queue<Runnable> pool = new ArrayDeque<>();
    private final List<Integer> ran = new ArrayList<>();
    private boolean rejects;

    private final SerialExecutor executor = new SerialExecutor(task -> {
        if (rejects) {
            throw new RejectedExecutionException();
        }
        pool.add(task);
    });

    @Test
    void runsTasksInOrderOnOneThreadAtATime() {
        for (int i = 0; i < 200; i++) {
            int task = i;
            executor.execute(() -> ran.add(task));
        }
        int turns = 0;
        while (!pool.isEmpty()) {
            assertThat(pool).hasSize(1);
            pool.remove().run();
            turns++;
        }
        assertThat(ran).hasSize(200).isSorted();
        assertThat(turns).as("executor tasks").isGreaterThan(1);
    }

    @Test
    void continuesAfterATaskThatThrows() {
        executor.execute(() -> {
            throw new IllegalStateException("expected");
        });
        executor.execute(() -> ran.add(1));
        pool.remove().run();
        pool.remove().run();
        assertThat(ran).containsExactly(1);
    }

    @Test
    void dropsARejectedTask() {
        rejects = true;
        assertThatThrownBy(() -> executor.execute(() -> ran.add(1))).isInstanceOf(RejectedExecutionException.class);
        rejects = false;
        executor.execute(() -> ran.add(2));
        pool.remove().run();
        assertThat(ran).containsExactly(2);
    }

    /** ThreadPoolExecutor can queue a task and then throw, because it cannot start a thread. */
    @Test
    void aTaskThatTheExecutorAcceptedAndRefusedRunsOnce() {
        List<Runnable> accepted = new ArrayList<>();
        SerialExecutor unreliable = new SerialExecutor(task -> {
            accepted.add(task);
            throw new OutOfMemoryError("unable to create native thread");
        });
        assertThatThrownBy(() -> unreliable.execute(() -> ran.add(1))).isInstanceOf(OutOfMemoryError.class);
        accepted.remove(0).run();
        assertThat(ran).as("refused").isEmpty();

        SerialExecutor starting = new SerialExecutor(task -> {
            task.run();
            throw new OutOfMemoryError("unable to create native thread");
        });
        starting.execute(() -> ran.add(2));
        starting.execute(() -> ran.add(3));
        assertThat(ran).as("accepted and begun").containsExactly(2, 3);
    }

    @Test
    void stackDoesNotGrowWithACallerRunsExecutor() {
        SerialExecutor inCaller = new SerialExecutor(Runnable::run);
        List<Integer> depths = new ArrayList<>();
        inCaller.add(() -> {
            depths.add(new Throwable().getStackTrace().length);
            return depths.size() < 10;
        });
        assertThat(depths).hasSize(10);
        assertThat(depths).as("stack depth at every turn").containsOnly(depths.get(0));
    }

    @Test
    void continuesOnItsThreadWhenTheExecutorRejects() {
        executor.execute(() -> ran.add(1));
        executor.execute(() -> ran.add(2));
        rejects = true;
        pool.remove().run();
        assertThat(ran).containsExactly(1, 2);
    }
}
