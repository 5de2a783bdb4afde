package dev.holdfast.spring;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.util.ClassUtils;

/**
 * Finds, in the bytecode of a class and of those inside it, the calls of certain methods on {@code this}. Why:
 * docs/adr/026-locked-outside-the-transaction.md.
 */
final class SelfCallsReader {
    private static final Logger LOG = LoggerFactory.getLogger(SelfCallsReader.class);

    /**
     * One call.
     *
     * @param caller the name and descriptor of the method that calls
     * @param callee the same of the one that is called
     */
    record Call(String caller, String callee, @Nullable String file, int line) {
        String place() {
            String method = caller.substring(0, caller.indexOf('('));
            // The compiler's name for what stands in a lambda of the method.
            String readable = method.replaceFirst("^lambda\\$(.+)\\$\\d+$", "$1");
            String at = file == null || line == 0 ? "" : " (" + file + ":" + line + ")";
            return (readable.equals("<init>") ? "its constructor" : "method " + readable) + at;
        }
    }

    /**
     * What was found.
     *
     * @param handedOver where {@code this} is an argument; the callee is the internal name of the parameter's type
     */
    record Found(List<Call> calls, List<Call> handedOver) {}

    /** @param signatures the names and descriptors of the methods in question */
    static Found read(Class<?> type, Set<String> signatures) {
        Found found = new Found(new ArrayList<>(), new ArrayList<>());
        Set<String> inside = new LinkedHashSet<>();
        String name = type.getName().replace('.', '/');
        read(type, name, signatures, false, found, inside);
        for (String each : inside) {
            read(type, each, signatures, true, found, new LinkedHashSet<>());
        }
        return found;
    }

    private static void read(
            Class<?> type, String name, Set<String> signatures, boolean inner, Found found, Set<String> inside) {
        ClassLoader loader = type.getClassLoader() == null ? ClassUtils.getDefaultClassLoader() : type.getClassLoader();
        try (InputStream bytes = loader == null ? null : loader.getResourceAsStream(name + ".class")) {
            // A class that was made at run time has no file.
            if (bytes != null) {
                new ClassReader(bytes)
                        .accept(new OfClass(type, name, signatures, inner, found, inside), ClassReader.SKIP_FRAMES);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn(
                    "Calls of @Locked methods on 'this' in {} were not looked for, as its bytecode cannot be read: {}",
                    name.replace('/', '.'),
                    e.toString());
        }
    }

    private static final class OfClass extends ClassVisitor {
        private final String outermost;
        private final String name;
        private final Set<String> signatures;
        private final boolean inner;
        private final Found found;
        private final Set<String> inside;
        private @Nullable String file;

        OfClass(Class<?> type, String name, Set<String> signatures, boolean inner, Found found, Set<String> inside) {
            super(SpringAsmInfo.ASM_VERSION);
            this.outermost = type.getName().replace('.', '/');
            this.name = name;
            this.signatures = signatures;
            this.inner = inner;
            this.found = found;
            this.inside = inside;
        }

        @Override
        public void visitSource(@Nullable String source, @Nullable String debug) {
            file = source;
        }

        /** Those inside this one, at whatever depth, have longer names. */
        @Override
        public void visitInnerClass(String each, @Nullable String outer, @Nullable String simple, int access) {
            if (each.startsWith(name + "$") && (access & Opcodes.ACC_STATIC) == 0) {
                inside.add(each);
            }
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access,
                String method,
                String descriptor,
                @Nullable String generics,
                String @Nullable [] exceptions) {
            // The compiler's bridges call what they stand for.
            if ((access & (Opcodes.ACC_BRIDGE | Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) != 0) {
                return null;
            }
            String caller = method + descriptor;
            boolean isInstance = (access & Opcodes.ACC_STATIC) == 0;
            return new ThisTracker(isInstance && !inner, inner, caller, signatures) {
                @Override
                void called(String callee, int line) {
                    found.calls().add(new Call(caller, callee, file, line));
                }

                @Override
                void handedOver(String owner, String called, int argument, String type, int line) {
                    // The compiler hands it to the constructors of classes inside, which are read themselves, and to
                    // helpers that it made.
                    boolean isInside = called.equals("<init>") && owner.startsWith(outermost + "$");
                    boolean isHelper = owner.equals(outermost) && called.contains("$");
                    if (!(argument == 0 && (isInside || isHelper))) {
                        found.handedOver().add(new Call(caller, type, file, line));
                    }
                }
            };
        }
    }

    private SelfCallsReader() {}
}
