package dev.holdfast.cli.perf;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.cli.common.Connections;
import java.util.ArrayList;
import java.util.List;

/** The connections of a run, with the same options, closed together. */
final class ConnectionGroup implements AutoCloseable {
    private final List<Connection> connections = new ArrayList<>();

    /** Opens the connections; if one fails, closes the others. */
    ConnectionGroup(ConnectionOptions options, int count) {
        try {
            for (int i = 0; i < count; i++) {
                connections.add(Connections.open(options));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns the connection of a worker, round-robin. */
    Connection forWorker(int worker) {
        return connections.get(worker % connections.size());
    }

    List<Connection> all() {
        return connections;
    }

    @Override
    public void close() {
        connections.forEach(Connection::close);
    }
}
