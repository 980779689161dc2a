package dev.holdfast.serialization;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Content codings that are not compressors of Kombu: {@code gzip} is the gzip format of RFC 1952 here, and zlib in
 * Kombu's header {@code compression}.
 */
final class ContentCodings {
    /** Codings by name, without a prefix {@code x-}. */
    static final Map<String, Compressor> BY_NAME =
            Map.of("gzip", new GzipFormat(), "deflate", new Deflate(), "zip", new ZipFormat());

    private static final int ZLIB_METHOD = 8;
    private static final int ZLIB_METHOD_MASK = 0xf;
    private static final int ZLIB_CHECK = 31;

    private ContentCodings() {}

    /** RFC 1952. */
    private static final class GzipFormat implements Compressor {
        @Override
        public String contentType() {
            return "gzip";
        }

        @Override
        public OutputStream compress(OutputStream out) throws IOException {
            return new GZIPOutputStream(out);
        }

        @Override
        public InputStream decompress(InputStream in) throws IOException {
            return new GZIPInputStream(in);
        }
    }

    /** The zlib format of RFC 1950, as HTTP requires; reads also the bare RFC 1951 that some senders write. */
    private static final class Deflate implements Compressor {
        @Override
        public String contentType() {
            return "deflate";
        }

        @Override
        public OutputStream compress(OutputStream out) {
            return new DeflaterOutputStream(out);
        }

        @Override
        public InputStream decompress(InputStream in) throws IOException {
            in.mark(2);
            int method = in.read();
            boolean zlib =
                    (method & ZLIB_METHOD_MASK) == ZLIB_METHOD && ((method << Byte.SIZE) + in.read()) % ZLIB_CHECK == 0;
            in.reset();
            Inflater inflater = new Inflater(!zlib);
            return new InflaterInputStream(in, inflater) {
                @Override
                public void close() throws IOException {
                    inflater.end();
                    super.close();
                }
            };
        }
    }

    /** Spring's {@code zip}: an archive whose first entry is the body. */
    private static final class ZipFormat implements Compressor {
        @Override
        public String contentType() {
            return "zip";
        }

        @Override
        public OutputStream compress(OutputStream out) throws IOException {
            ZipOutputStream zip = new ZipOutputStream(out);
            zip.putNextEntry(new ZipEntry("zipped"));
            return zip;
        }

        @Override
        public InputStream decompress(InputStream in) throws IOException {
            ZipInputStream zip = new ZipInputStream(in);
            if (zip.getNextEntry() == null) {
                throw new IOException("no zip archive with an entry");
            }
            return zip;
        }
    }
}
