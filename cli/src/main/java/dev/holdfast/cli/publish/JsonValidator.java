package dev.holdfast.cli.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.JsonErrors;
import dev.holdfast.cli.common.Utf8;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Checks that bytes are one JSON document in UTF-8. Reads the tokens once and builds no tree. */
final class JsonValidator implements BodyFormat.LineValidator {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final JsonFactory factory = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(NO_LIMIT)
                    .maxNumberLength(NO_LIMIT)
                    .maxStringLength(NO_LIMIT)
                    .maxNameLength(NO_LIMIT)
                    .build())
            .build();

    @Override
    public @Nullable String validate(byte[] bytes) {
        if (!Utf8.isValid(bytes) || hasNul(bytes)) {
            return "not JSON: not UTF-8 (expected: a JSON document in UTF-8)";
        }
        try (JsonParser parser = factory.createParser(bytes)) {
            return validate(parser);
        } catch (JsonProcessingException e) {
            return "not JSON: " + JsonErrors.describe(e);
        } catch (IOException e) {
            return "not JSON: " + ErrorHandler.describe(e);
        }
    }

    private static @Nullable String validate(JsonParser parser) throws IOException {
        int depth = 0;
        int documents = 0;
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (depth == 0 && ++documents > 1) {
                return "not JSON: more than one document (column "
                        + parser.currentTokenLocation().getColumnNr() + ")";
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
        return documents == 0 ? "not JSON: empty line (expected: a JSON document)" : null;
    }

    /** JSON in UTF-8 contains no NUL. Without this check Jackson would detect and accept UTF-16 and UTF-32. */
    private static boolean hasNul(byte[] bytes) {
        for (int i = 0; i < Math.min(4, bytes.length); i++) {
            if (bytes[i] == 0) {
                return true;
            }
        }
        return false;
    }
}
