package dev.holdfast;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever text stands for a URI: options whose own URI can be read again, or {@link IllegalArgumentException}. Replays its
 * seeds in every test run; CONTRIBUTING says how to search for more.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class UriFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void readsOrRefuses(byte[] data) {
        ConnectionOptions options;
        try {
            options = ConnectionOptions.parse(new String(data, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return;
        }
        String text = options.toString();
        ConnectionOptions again = ConnectionOptions.parse(options.asUri());
        if (!again.addresses().equals(options.addresses())
                || !again.virtualHost().equals(options.virtualHost())) {
            throw new AssertionError("written and read again: not the same for " + text);
        }
    }
}
