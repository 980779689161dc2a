package dev.holdfast.cli.common;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionOptions;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Opens connections. The log of the library is off until a connection is open: the command reports why it is not, and
 * the log would say the same again.
 */
public final class Connections {
    /** Kept, since a logger that nothing refers to loses its level. */
    private static final Logger LOG = Logger.getLogger("dev.holdfast");

    private Connections() {}

    /** Opens a connection, as {@link Connection#open} does. */
    public static Connection open(ConnectionOptions options) {
        LOG.setLevel(Level.OFF);
        try {
            return Connection.open(options);
        } finally {
            LOG.setLevel(null);
        }
    }

    /** Opens a connection. A failure that may pass is only reported, and the first publish connects. */
    public static Connection openOrRetry(ConnectionOptions options, Streams streams) {
        try {
            return open(options);
        } catch (AmqpConnectionException e) {
            if (!e.recoverable()) {
                throw e;
            }
            streams.printError(ErrorHandler.describe(e) + "; retrying");
            LOG.setLevel(Level.OFF);
            return Connection.lazy(options.listener(new ConnectionListener() {
                @Override
                public void connected(Address address) {
                    LOG.setLevel(null);
                }
            }));
        }
    }
}
