package dev.holdfast.testing;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Captures all log records of the library, at any level, until closed. System.Logger writes to java.util.logging
 * here.
 */
public final class LogLines implements AutoCloseable {
    private final Logger logger = Logger.getLogger("dev.holdfast");
    private final Level previousLevel = logger.getLevel();
    private final List<LogRecord> records = new ArrayList<>();
    private final SimpleFormatter formatter = new SimpleFormatter();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logRecord) {
            synchronized (records) {
                records.add(logRecord);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Starts the capture. */
    public LogLines() {
        handler.setLevel(Level.ALL);
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    /** All lines so far, with stack traces. */
    public String text() {
        return lines(Level.ALL);
    }

    /** The lines so far of this level or above, with stack traces. */
    public String lines(Level lowest) {
        StringWriter text = new StringWriter();
        synchronized (records) {
            for (LogRecord logRecord : records) {
                if (logRecord.getLevel().intValue() >= lowest.intValue()) {
                    text.append(formatter.format(logRecord));
                    if (logRecord.getThrown() != null) {
                        logRecord.getThrown().printStackTrace(new PrintWriter(text, true));
                    }
                }
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
        logger.setLevel(previousLevel);
    }
}
