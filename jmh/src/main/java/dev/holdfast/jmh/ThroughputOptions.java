package dev.holdfast.jmh;

import dev.holdfast.jmh.adapter.ClientType;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The options of {@link Throughput}. */
record ThroughputOptions(
        long messages,
        int window,
        int size,
        int rounds,
        List<ClientType> clients,
        @Nullable String uri,
        @Nullable Path report) {
    static ThroughputOptions parse(String[] arguments) {
        long messages = 20_000_000;
        int window = 10_000;
        int size = 100;
        int rounds = 5;
        List<ClientType> clients = ClientType.available();
        String uri = null;
        Path report = null;
        for (int i = 0; i < arguments.length; i += 2) {
            String value = i + 1 < arguments.length ? arguments[i + 1] : "";
            switch (arguments[i]) {
                case "--messages" -> messages = Long.parseLong(value);
                case "--window" -> window = Integer.parseInt(value);
                case "--size" -> size = Integer.parseInt(value);
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--clients" ->
                    clients = Stream.of(value.split(",", -1))
                            .map(ClientType::valueOf)
                            .toList();
                case "--uri" -> uri = value;
                case "--report" -> report = Path.of(value);
                default -> throw new IllegalArgumentException("unknown option: " + arguments[i]);
            }
        }
        return new ThroughputOptions(messages, window, size, rounds, clients, uri, report);
    }

    /** The arguments for the JVM of one measurement. */
    List<String> forMeasurement() {
        return List.of(
                "--messages", Long.toString(messages),
                "--window", Integer.toString(window),
                "--size", Integer.toString(size));
    }
}
