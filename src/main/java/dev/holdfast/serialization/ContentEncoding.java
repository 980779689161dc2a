package dev.holdfast.serialization;

import dev.holdfast.internal.text.TextCodec;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The property {@code content-encoding}: a list of content codings (as in HTTP) and at most one character set (as in
 * Kombu and Spring). With commas the codings are in the order in which they were applied, as in HTTP. Spring AMQP puts
 * each coding before the rest ({@code gzip:UTF-8}, from 2.3 on {@code gzip, UTF-8}): with a colon or a character set
 * the order is the reverse.
 *
 * @param codings the compressors of the codings, in the order in which they are undone
 * @param binary whether it says that the body is bytes
 * @param unknown the first item that is none of these; null for none
 */
record ContentEncoding(
        List<Compressor> codings,
        @Nullable Charset charset,
        boolean binary,
        @Nullable String unknown) {
    private static final ContentEncoding NONE = new ContentEncoding(List.of(), null, false, null);
    private static final Pattern SEPARATOR = Pattern.compile("[,:]");
    private static final Set<String> BINARY = Set.of("binary", "ascii-8bit");

    static ContentEncoding parse(@Nullable String text, CompressorRegistry compressors) {
        if (text == null || text.isEmpty()) {
            return NONE;
        }
        List<Compressor> codings = new ArrayList<>(1);
        Charset charset = null;
        boolean binary = false;
        String unknown = null;
        for (String item : SEPARATOR.split(text.toLowerCase(Locale.ROOT), -1)) {
            String name = item.strip();
            Compressor coding = compressors.findCoding(name);
            if (coding != null) {
                codings.add(coding);
            } else if (BINARY.contains(name)) {
                binary = true;
            } else if (!name.isEmpty() && !name.equals("identity")) {
                Charset named = TextCodec.charset(name);
                charset = charset == null ? named : charset;
                unknown = named == null && unknown == null ? name : unknown;
            }
        }
        if (text.indexOf(':') < 0 && charset == null) {
            Collections.reverse(codings);
        }
        return new ContentEncoding(codings, charset, binary, unknown);
    }
}
