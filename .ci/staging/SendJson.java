package readme;

import dev.holdfast.Connection;
import dev.holdfast.Message;
import dev.holdfast.SimpleQueue;
import java.time.Duration;
import java.util.Map;

/** Publishes a map and receives it: JSON, for which the program needs a Jackson. */
public class SendJson {
    public static void main(String[] arguments) {
        try (Connection connection = Connection.open(arguments[0]);
                SimpleQueue queue = connection.simpleQueue("staging")) {
            queue.put(Map.of("number", 7));
            Message message = queue.get(Duration.ofSeconds(10)).orElseThrow();
            if (!Map.of("number", 7).equals(message.payload())) {
                throw new AssertionError(message.payload() + " (expected: the map)");
            }
            message.ack();
        }
    }
}
