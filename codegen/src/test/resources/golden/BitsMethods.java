// Generated from protocol-spec/bits.xml. Do not edit.
package dev.holdfast.internal.protocol;

import dev.holdfast.internal.wire.LongString;
import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import java.time.Instant;
import java.util.Map;

/**
 * Class bits: test bits. Test class; "quotes", &lt;angles&gt;, *&#47; and $signs must render unchanged.
 */
public final class BitsMethods {
    private BitsMethods() {
    }

    /**
     * Pack bits. Nine bits in two octets, then a single bit.
     *
     * @param one First bit.
     * @param three Third bit.
     * @param four Fourth bit.
     * @param five Fifth bit.
     * @param six Sixth bit.
     * @param seven Seventh bit.
     * @param eight Eighth bit.
     * @param nine Ninth bit, in an octet of its own.
     * @param class_ Separates the bits; a Java keyword.
     * @param methodId_ After the octet; the name of a member of Method.
     */
    public record Pack(boolean one, boolean three, boolean four, boolean five, boolean six,
            boolean seven, boolean eight, boolean nine, int class_,
            boolean methodId_) implements Method {
        /**
         * Class 7, method 1.
         */
        public static final int ID = 7 << 16 | 1;

        /**
         * Reads the arguments. Discards reserved ones.
         */
        public static Pack decode(WireReader in) {
            int bits = in.readBits();
            boolean one = (bits & 0x01) != 0;
            boolean three = (bits & 0x04) != 0;
            boolean four = (bits & 0x08) != 0;
            boolean five = (bits & 0x10) != 0;
            boolean six = (bits & 0x20) != 0;
            boolean seven = (bits & 0x40) != 0;
            boolean eight = (bits & 0x80) != 0;
            int bits2 = in.readBits();
            boolean nine = (bits2 & 0x01) != 0;
            int class_ = in.readOctet();
            int bits3 = in.readBits();
            boolean methodId_ = (bits3 & 0x01) != 0;
            return new Pack(one, three, four, five, six, seven, eight, nine, class_, methodId_);
        }

        @Override
        public int classId() {
            return 7;
        }

        @Override
        public int methodId() {
            return 1;
        }

        @Override
        public String methodName() {
            return "bits.pack";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return false;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeBits((one ? 0x01 : 0)
                    | (three ? 0x04 : 0)
                    | (four ? 0x08 : 0)
                    | (five ? 0x10 : 0)
                    | (six ? 0x20 : 0)
                    | (seven ? 0x40 : 0)
                    | (eight ? 0x80 : 0)); // reserved-1
            out.writeBits((nine ? 0x01 : 0));
            out.writeOctet(class_);
            out.writeBits((methodId_ ? 0x01 : 0));
        }
    }

    /**
     * Every reserved type. Only reserved fields.
     */
    public enum Reserve implements Method {
        INSTANCE;

        /**
         * Class 7, method 2.
         */
        public static final int ID = 7 << 16 | 2;

        /**
         * Reads the arguments. Discards reserved ones.
         */
        public static Reserve decode(WireReader in) {
            in.readOctet(); // a
            in.readLong(); // b
            in.readLongLong(); // c
            in.readLongString(); // d
            in.readTimestamp(); // e
            in.readTable(); // f
            in.readBits(); // g, h
            return INSTANCE;
        }

        @Override
        public int classId() {
            return 7;
        }

        @Override
        public int methodId() {
            return 2;
        }

        @Override
        public String methodName() {
            return "bits.reserve";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeOctet(0); // a
            out.writeLong(0); // b
            out.writeLongLong(0); // c
            out.writeLongString(LongString.of("")); // d
            out.writeTimestamp(Instant.EPOCH); // e
            out.writeTable(Map.of()); // f
            out.writeBits(0); // g, h
        }
    }
}
