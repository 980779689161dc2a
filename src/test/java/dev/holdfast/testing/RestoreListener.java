package dev.holdfast.testing;

import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionListener;
import java.time.Duration;
import java.util.Queue;

/** Records the steps of a restore, such as "retrying queue 'a'". */
public record RestoreListener(Queue<String> steps) implements ConnectionListener {
    @Override
    public void restoreRetrying(String item, AmqpException cause, Duration delay) {
        steps.add("retrying " + item);
    }

    @Override
    public void restored(String item) {
        steps.add("restored " + item);
    }

    @Override
    public void restoreFailed(String item, AmqpException cause) {
        steps.add("failed " + item);
    }
}
