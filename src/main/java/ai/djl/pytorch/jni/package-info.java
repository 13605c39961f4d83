/// The one class that has to live in DJL's package: [ai.djl.pytorch.jni.LibtorchBridge] reaches
/// DJL's package-private JNI.
///
/// Ring 0, belongs to `dev.eosin.tensor`; nothing else may import it.
@NullMarked
package ai.djl.pytorch.jni;

import org.jspecify.annotations.NullMarked;
