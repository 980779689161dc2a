package dev.holdfast.cli.common;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The progress of a command: a bar if standard error is a terminal, else nothing. Thread-safe. */
public interface Progress extends AutoCloseable {
    /** Sets how much is done, in messages or bytes. */
    void update(long done);

    /** Sets the text beside the bar. */
    void setNote(String text);

    @Override
    void close();

    /** Counts up to {@code max} messages; -1 if unknown. */
    static Progress messages(Streams streams, String task, long max) {
        return streams.terminal()
                ? new Bar(builder(streams, task, max).setUnit(" msg", 1).showSpeed())
                : new Hidden();
    }

    /** Counts up to {@code max} bytes; -1 if unknown. */
    static Progress bytes(Streams streams, String task, long max) {
        return streams.terminal()
                ? new Bar(builder(streams, task, max).setUnit(" MiB", 1 << 20).showSpeed())
                : new Hidden();
    }

    /** Counts up to {@code max} messages, -1 if unknown. The caller shows their rate by {@link #setNote}. */
    static Progress messagesWithoutSpeed(Streams streams, String task, long max) {
        return streams.terminal() ? new Bar(builder(streams, task, max)) : new Hidden();
    }

    private static ProgressBarBuilder builder(Streams streams, String task, long max) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(max)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis((int) Duration.ofMillis(200).toMillis())
                .setConsumer(new ConsoleProgressBarConsumer(streams.err()));
    }

    /** Draws a bar on standard error. */
    final class Bar implements Progress {
        private final ProgressBar bar;

        Bar(ProgressBarBuilder builder) {
            bar = builder.build();
        }

        @Override
        public void update(long done) {
            ProgressBar unused = bar.stepTo(done);
        }

        @Override
        public void setNote(String text) {
            ProgressBar unused = bar.setExtraMessage(text);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** Shows nothing. */
    final class Hidden implements Progress {
        @Override
        public void update(long done) {}

        @Override
        public void setNote(String text) {}

        @Override
        public void close() {}
    }
}
