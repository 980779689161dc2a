package dev.holdfast.codegen.emit;

import java.util.Locale;

/** Converts documentation of the protocol file to Javadoc: escapes, punctuates and wraps it. */
final class Docs {
    /** Columns of text; leaves room for the indentation and the asterisk of a nested type's Javadoc. */
    private static final int WIDTH = 108;

    private Docs() {}

    /** Returns the label as a sentence, followed by the documentation. */
    static String text(String label, String doc) {
        return wrap(escape(sentence(label) + " " + doc), "");
    }

    /** Returns the documentation. */
    static String text(String doc) {
        return wrap(escape(doc), "");
    }

    /** Returns a block tag, given as "&#64;param name", with its documentation. */
    static String tag(String tag, String doc) {
        return wrap(tag + " " + escape(doc), "    ");
    }

    /** Returns the text with a lower-case first letter and without its final period, for use inside a sentence. */
    static String inSentence(String doc) {
        String text = doc.endsWith(".") ? doc.substring(0, doc.length() - 1) : doc;
        boolean acronym = text.length() > 1 && Character.isUpperCase(text.charAt(1));
        return acronym ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    private static String sentence(String label) {
        return label.substring(0, 1).toUpperCase(Locale.ROOT) + label.substring(1) + ".";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("@", "&#64;")
                .replace("*/", "*&#47;");
    }

    private static String wrap(String text, String indent) {
        StringBuilder wrapped = new StringBuilder();
        int column = 0;
        for (String word : text.split(" ", -1)) {
            if (column > 0 && column + 1 + word.length() > WIDTH) {
                wrapped.append('\n').append(indent);
                column = indent.length();
            } else if (column > 0) {
                wrapped.append(' ');
                column++;
            }
            wrapped.append(word);
            column += word.length();
        }
        return wrapped.toString();
    }
}
