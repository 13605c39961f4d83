package dev.eosin.checkpoint;

import java.util.Set;
import java.util.regex.Pattern;

/// Which Python names may stand in a torch.save file for what lies beside the weights: a training
/// script's arguments, numpy's numbers, paths, dates, a schedule. Such a name is never looked up
/// and what is made of it is a placeholder, so no name can do harm here. Still, a name that starts
/// programs, opens files or reaches the interpreter is none that a training script saves, and the
/// file is refused: whoever reads it with Python is at risk.
final class ForeignNames {
  private static final Pattern DOTTED =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*");

  /// Top-level modules none of whose names is data.
  private static final Set<String> DANGEROUS =
      Set.of(
          ("__torch__ _ctypes _io _operator _pickle _posixsubprocess _socket _thread aiohttp asyncio"
                  + " atexit bdb cPickle cProfile cffi cloudpickle code codeop commands concurrent"
                  + " ctypes dbm dill distutils doctest ensurepip ftplib gc http httpx imp importlib"
                  + " inspect io joblib lib2to3 linecache marshal mmap multiprocessing nt ntpath"
                  + " operator os pdb pickle pip pkgutil platform popen2 posix posixpath profile pty"
                  + " pydoc requests runpy setuptools shelve shutil signal smtplib socket sqlite3 ssl"
                  + " subprocess sys telnetlib tempfile test threading timeit trace types unittest"
                  + " urllib urllib2 urllib3 venv webbrowser xmlrpc zipimport")
              .split(" "));

  /// The same within packages whose other names are data.
  private static final Set<String> DANGEROUS_WITHIN =
      Set.of(
          ("numpy.testing numpy.f2py numpy.distutils numpy.load numpy.fromfile numpy.memmap numpy.lib"
                  + " torch.load torch.hub torch.jit torch.package torch.serialization torch.fx"
                  + " torch.distributed torch.multiprocessing torch.utils torch._inductor"
                  + " torch._dynamo torch.classes torch.ops torch.storage._load_from_bytes")
              .split(" "));

  /// In-memory files, which keep bytes.
  private static final Set<String> HARMLESS =
      Set.of("io.BytesIO", "_io.BytesIO", "io.StringIO", "_io.StringIO", "types.SimpleNamespace");

  private static final Set<String> BUILTINS = Set.of("builtins", "__builtin__");
  private static final Set<String> PLAIN_TYPES =
      Set.of(
          ("bool bytearray bytes complex dict float frozenset int list long object range set slice"
                  + " str tuple unicode xrange")
              .split(" "));

  private ForeignNames() {}

  /// Whether an object by this name can be passed over.
  static boolean canBePassedOver(String module, String name) {
    String full = module + "." + name;
    if (!DOTTED.matcher(full).matches()) {
      return false;
    }
    if (BUILTINS.contains(module)) {
      return PLAIN_TYPES.contains(name);
    }
    String top = full.substring(0, full.indexOf('.'));
    return HARMLESS.contains(full)
        || !DANGEROUS.contains(top)
            && DANGEROUS_WITHIN.stream()
                .noneMatch(known -> full.equals(known) || full.startsWith(known + "."));
  }
}
