package dev.holdfast;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Parses arbitrary text as a URI: the result is options whose own URI parses to the same addresses and virtual host, or
 * an {@link IllegalArgumentException}. Each test run replays the seeds; CONTRIBUTING describes how to search for more.
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
        ConnectionOptions reparsed = ConnectionOptions.parse(options.asUri());
        if (!reparsed.addresses().equals(options.addresses())
                || !reparsed.virtualHost().equals(options.virtualHost())) {
            throw new AssertionError("format and parse: other address or virtual host for " + text);
        }
    }
}
