package dev.holdfast.cli.common;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a command has come, for a person who watches; nothing where nobody does. Thread-safe. */
public interface Progress extends AutoCloseable {
    /** So much is done. */
    void update(long done);

    /** Says something beside it. */
    void setNote(String text);

    @Override
    void close();

    /** Counts messages, {@code max} of them, -1 if that is not known. */
    static Progress messages(Streams streams, String task, long max) {
        return streams.terminal()
                ? new Bar(builder(streams, task, max).setUnit(" msg", 1).showSpeed())
                : new Hidden();
    }

    /** Counts bytes, {@code max} of them, -1 if that is not known. */
    static Progress bytes(Streams streams, String task, long max) {
        return streams.terminal()
                ? new Bar(builder(streams, task, max).setUnit(" MiB", 1 << 20).showSpeed())
                : new Hidden();
    }

    /** Counts messages for one who says by {@link #setNote} how fast they are. */
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

    /** A bar on standard error. */
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

    /** Nothing at all. */
    final class Hidden implements Progress {
        @Override
        public void update(long done) {}

        @Override
        public void setNote(String text) {}

        @Override
        public void close() {}
    }
}
