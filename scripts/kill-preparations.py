"""Kills preparations of every kind, and the commands embed and index, with SIGKILL at random moments and lets them go on: what they
leave must have the bytes of a run that nothing happened to.
Run: python scripts/kill-preparations.py [FOLDER] [--met 20] [--kills 3] [--eosin ./eosin] [--seed 1] [--kinds tiles,crops,...] [--out runs/killed]
FOLDER holds whole slides (../shared/data/wsi); everything is made in OUT, whose folders of these kinds are emptied first; embed needs a
run or folder of a CLIP model, --model. Where a service is asked one is started that fails at random; no answer that a ledger has may be
asked for again. A kill comes when the ledger has grown by a share that is drawn (rows), at a drawn moment of the assembly (writing), or
when the page has its first bytes or the first output has its name (ending), and a little later at random. A kind is done when MET kills
met work that was written down. Prints for each kind the trials, the kills that met work, how many of them came at each of these times,
and how many trials are equal. Needs numpy."""
import argparse, hashlib, json, os, random, shutil, signal, struct, subprocess, sys, threading, time, zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import numpy as np

arguments = argparse.ArgumentParser()
arguments.add_argument("slides", nargs="?", default="../shared/data/wsi")
arguments.add_argument("--met", type=int, default=20, help="kills that met work, of each kind")
arguments.add_argument("--eosin", default="./eosin")
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--kills", type=int, default=3, help="at most, of one trial")
arguments.add_argument("--model", help="a CLIP model that embeds")
arguments.add_argument("--kinds", default="tiles,crops,mine,captions,curate,pairs,degrade,degrade-llm,summaries,agents,"
                                          "instructions,generated,embed,index")
arguments.add_argument("--out", default="runs/killed")
asked = arguments.parse_args()
chance, out, slides = random.Random(asked.seed), Path(asked.out), Path(asked.slides).resolve()
# A ledger's lines stand in the order in which work was done; the recipe names the folder.
OWN = {"ledger.jsonl", "preparation.lock", "recipe.yaml"}
# Two tiles that are described alike are asked the same of agents, so that a question says nothing of its row.
SERVED = {"captions", "degrade-llm", "generated"}
WITHOUT_LEDGER = {"embed", "index"}


def inputs():
    out.mkdir(parents=True, exist_ok=True)
    drawn = np.random.default_rng(asked.seed)
    np.save(out / "tiles.npy", drawn.normal(size=(6_000, 64)).astype("<f4"))
    (out / "tiles.csv").write_text("path,group\n" + "".join(f"S{i // 1000}_{i}.jpg,S{i // 1000}\n" for i in range(6_000)))
    np.save(out / "texts.npy", drawn.normal(size=(20, 64)).astype("<f4"))
    (out / "texts.csv").write_text("path\n" + "".join(f"text-{i}\n" for i in range(20)))
    names = sorted(file.stem for file in slides.glob("*.svs"))
    records = [{"wsi_id": name, "position": [str(60 * x), str(60 * y)], "caption": f"At {x}, {y}."}
               for name in names for y in range(8) for x in range(7)]
    (out / "records.json").write_text(json.dumps(records))
    (out / "captions.jsonl").write_text("".join(json.dumps({"id": f"r{i}", "caption": f"Tissue of number {i} with glands."}) + "\n"
                                                for i in range(400)))
    (out / "rows.jsonl").write_text("".join(json.dumps({"id": f"r{i}", "image": f"{i}.png", "caption": sentence(i)}) + "\n"
                                            for i in range(5_000)))
    (out / "many.jsonl").write_text("".join(json.dumps({"id": f"r{i}", "caption": sentence(i)}) + "\n" for i in range(2_000)))
    (out / "few.jsonl").write_text("".join(json.dumps({"id": f"r{i}", "image": f"{i}.png", "caption": sentence(i)}) + "\n"
                                           for i in range(300)))
    (out / "agents.csv").write_text("image,caption\n" + "".join(f'images/{i}.png,"{sentence(i)}"\n' for i in range(300)))
    np.save(out / "vectors.npy", drawn.normal(size=(100_000, 64)).astype("<f4"))
    (out / "vectors.csv").write_text("path\n" + "".join(f"t{i}.png\n" for i in range(100_000)))
    (out / "images").mkdir(exist_ok=True)
    for i in range(600):
        (out / "images" / f"{i}.png").write_bytes(png(drawn.integers(90, 230, (96, 96, 3), "u1")))
    (out / "curated.jsonl").write_text("".join(json.dumps({"id": f"r{i}", "image": f"{i % 600}.png", "patient": f"P{i // 20}",
                                                           "caption": sentence(i % 500)}) + "\n" for i in range(800)))


def sentence(number):
    """A caption of findings, one of some thousands."""
    words = [["Glands", "Nests", "Sheets", "Cords", "Islands"], ["atypical", "small", "large", "pale", "crowded"],
             ["squamous cells", "plasma cells", "lymphocytes", "tumour cells", "fibroblasts"], ["dense", "loose", "pink", "mucinous", "fibrous"]]
    chosen = [group[number // 5 ** place % 5] for place, group in enumerate(words)]
    finding = ["Necrosis is focal", "Mitoses are frequent", "Lymphocytes are seen at the margin"][number % 3]
    return "{} of {} {} lie in a {} stroma of the colon. ".format(*chosen) + f"{finding}, as in field {number // 625}."


def png(pixels):
    """An image of [height, width, 3] bytes as a file."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def question(request):
    """What is asked, as text; pictures stand in it as they were sent."""
    content = request["messages"][-1]["content"]
    return content if isinstance(content, str) else json.dumps(content)


def answer(kind, asked_for, number):
    """What a model says that does as it is told."""
    if kind == "generated":
        return "\n".join(f"question: What is seen in field {number % (97 + k)}?\nanswer: Glands of kind {k}." for k in range(4))
    if kind == "degrade-llm":
        mistakes, caption = asked_for.split("\nCaption: ", 1)
        edits = {"modify": {"from": "colon", "to": "skin"}, "add": {"text": "Calcification is seen."},
                 "delete": {"text": caption.split(". ", 1)[-1]}}
        return json.dumps([{"operation": word, **edits[word]} for word in mistakes.removeprefix("Mistakes: ").split(", ") if word in edits])
    text = f"The image shows glands in rows of {number % 997} cells in all."
    return json.dumps({"caption": text}) if kind == "captions" else text


class Service(BaseHTTPRequestHandler):
    """Answers by the question alone, slowly; one request in ten fails, one answer in five is of no use."""
    protocol_version, answered, kind, lock = "HTTP/1.1", [], "", threading.Lock()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = question(body)
        number = int(hashlib.sha256(asked.encode()).hexdigest(), 16)
        time.sleep(0.01)
        if random.random() < 0.1:
            return self.reply(503, {})
        with Service.lock:
            Service.answered.append(asked)
        said = ["I am sorry, I cannot do that.", answer(Service.kind, asked, number)]
        self.reply(200, {"choices": [{"message": {"content": said[number % 5 > 0]}, "finish_reason": "stop"}],
                         "usage": {"prompt_tokens": 50, "completion_tokens": 20}})

    def reply(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            pass  # who asked was killed

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # who asked was killed


def recorded(folder):
    """The questions whose answers a ledger has; its last line may be cut."""
    ledger, asked = folder / "ledger.jsonl", set()
    for line in ledger.read_bytes().split(b"\n")[:-1] if ledger.exists() else []:
        request = json.loads(line.split(b" ", 1)[1]).get("request")
        if request:
            asked.add(question(request))
    return asked


RECIPES = {
    "tiles": ["data-prep/own-slides/tiles.yaml", f"tiles.slides.path={slides}", "tiles.cut.size=64 px", "tiles.cut.default-mpp=0.5",
              "tiles.shard-tiles=40", "tiles.tissue.folds=usual"],
    "crops": ["data-prep/pathgen-1.6m/crops.yaml", f"crops.records={out}/records.json", f"crops.slides={slides}", "crops.shard-crops=8"],
    "mine": ["data-prep/pathgen-init/mine-tutorial.yaml", f"mine.images={out}/tiles.npy", f"mine.images-table={out}/tiles.csv",
             f"mine.prompts=[{{name: attributes, texts: {out}/texts.npy, texts-table: {out}/texts.csv, top: 128}}]",
             "mine.collection-similarity=0.5"],
    "captions": ["data-prep/captions/summarise.yaml", f"captions.table={out}/captions.jsonl", "by.llm.cache=null"],
    "curate": ["data-prep/own-table/curate.yaml", f"curate.table={out}/curated.jsonl", f"curate.images={out}/images"],
    "pairs": ["recipes/prepare/pairs.yaml", f"pairs.path={out}/rows.jsonl"],
    "degrade": ["data-prep/pathgen-revise/degrade.yaml", f"degrade.captions={{type: table, path: {out}/many.jsonl, caption: caption, key: id}}"],
    "degrade-llm": ["data-prep/pathgen-revise/degrade-llm.yaml",
                    f"degrade.captions={{type: table, path: {out}/few.jsonl, caption: caption, key: id}}"],
    "summaries": ["data-prep/pathgen-revise/summaries.yaml",
                  f"summaries.captions={{type: table, path: {out}/many.jsonl, caption: caption, key: id}}", "summaries.context=24"],
    "agents": ["data-prep/pathgen-revise/agents.yaml", f"agents.tiles={{type: csv, path: {out}/agents.csv, columns: {{image: image, caption: caption}}}}",
               "agents.describe={by: {type: service, llm: {model: m}}}", "agents.revise=null",
               "agents.summarise={by: {type: service, llm: {model: m}}}"],
    "instructions": ["data-prep/clover-instructions/templates.yaml", f"instructions.path={out}/rows.jsonl"],
    "generated": ["data-prep/clover-instructions/generation.yaml", f"instructions.path={out}/few.jsonl"]}


def command(kind, folder):
    if kind == "embed":
        return ["embed", "--model", asked.model, "--images", f"{out}/images", "--no-cache", "--out", f"{folder}/images.parquet"]
    if kind == "index":  # files of a graph have ids that Lucene draws: two undisturbed runs differ in them
        return ["index", f"{out}/vectors.npy", "--table", f"{out}/vectors.csv", "--kind", "EXACT", "--out", f"{folder}/index"]
    return ["prepare", *RECIPES[kind], f"output.dir={folder}"]


def lines(folder):
    """Lines of the ledger, without its header."""
    ledger = folder / "ledger.jsonl"
    return max(0, ledger.read_bytes().count(b"\n") - 1) if ledger.exists() else 0


def written(folder):
    """Bytes of a command without a ledger."""
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except FileNotFoundError:
        return 0


def phase(kind, folder, since=0):
    """Of a run that began then: "" (no work yet, or all is done), "rows", "writing" or "ending"; what an earlier one left does not count."""
    if (folder / "funnel.json").exists() or (folder / "images.parquet").exists() or (folder / "index").exists():
        return ""
    def fresh(name):
        try:
            state = (folder / name).stat()
            return state.st_mtime >= since and state.st_size >= (name != ".rejects.jsonl.partial")
        except FileNotFoundError:
            return False
    if fresh(".page.html.partial") or fresh("page.html") or fresh("rejects.jsonl"):
        return "ending"
    if fresh(".rejects.jsonl.partial"):
        return "writing"
    return "rows" if lines(folder) or kind in WITHOUT_LEDGER and written(folder) else ""


class Run:
    """A run that goes on, watched."""

    def __init__(self, kind, folder):
        self.kind, self.folder, self.since = kind, folder, time.time()
        self.process = subprocess.Popen([asked.eosin, *command(kind, folder)], start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=open(out / "errors.txt", "ab"))

    def until(self, reached):
        """Whether this was reached before the end."""
        while not reached():
            if self.process.poll() is not None:
                self.ended()
                return reached()
            time.sleep(0.001)
        return True

    def ended(self):
        if self.process.wait() != 0:
            sys.exit(f"{self.kind}: ended with {self.process.returncode}; see {out}/errors.txt")

    def kill(self, seconds):
        """In which phase it was killed after so long; empty where it had ended by itself."""
        try:
            self.process.wait(seconds)
            self.ended()
            return ""
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            return phase(self.kind, self.folder)

    def phase(self):
        return phase(self.kind, self.folder, self.since)


class Reference:
    """How a run goes that nothing happens to."""

    def __init__(self, kind, folder):
        shutil.rmtree(folder, ignore_errors=True)
        run, seen = Run(kind, folder), {}
        order = ["", "rows", "writing", "ending"]
        for at in order[1:2] if kind in WITHOUT_LEDGER else order[1:]:
            if run.until(lambda: order.index(run.phase()) >= order.index(at)):
                seen[at] = time.monotonic()
        run.ended()
        end = time.monotonic()
        self.kind, self.lines = kind, lines(folder)
        self.rows, self.writing, self.ending = (end - seen.get(at, end) for at in ("rows", "writing", "ending"))
        self.content = content(folder)


def killed(kind, folder, reference):
    """The phase in which a run was killed at a drawn moment; empty where it ended first."""
    had, has = written(folder), lines(folder)
    run, at = Run(kind, folder), chance.choice(["rows", "rows", "rows", "writing", "ending"])
    if kind in WITHOUT_LEDGER:
        run.until(lambda: written(folder) > had)
        return run.kill(chance.uniform(0, reference.rows))
    if at == "rows" and has < reference.lines:
        wanted = chance.randint(has + 1, reference.lines)
        run.until(lambda: lines(folder) >= wanted)
        return run.kill(chance.uniform(0, 0.03))
    if at == "ending":
        run.until(lambda: run.phase() == "ending")
        return run.kill(chance.uniform(0, 0.01))
    run.until(lambda: run.phase() in ("writing", "ending"))
    return run.kill(chance.uniform(0, max(0, reference.writing - reference.ending)))


def content(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*"))
            if file.is_file() and file.name not in OWN}


service = Server(("127.0.0.1", 0), Service)
threading.Thread(target=service.serve_forever, daemon=True).start()
os.environ.update(EOSIN_LLM_BASE_URL=f"http://127.0.0.1:{service.server_port}/v1", EOSIN_LLM_API_KEY="none")
inputs()
print("| Kind | Files | Trials | Kills with work done | in rows | writing | ending | Equal |\n|---|---|---|---|---|---|---|---|", flush=True)
for kind in asked.kinds.split(","):
    Service.kind = kind
    reference = Reference(kind, out / f"{kind}-reference")
    print(f"{kind}: rows {reference.rows:.1f} s to the end, writing {reference.writing:.2f} s, ending {reference.ending:.2f} s", file=sys.stderr)
    met, trials, equal, twice = {"rows": 0, "writing": 0, "ending": 0}, 0, 0, 0
    while sum(met.values()) < asked.met and trials < 3 * asked.met:
        folder = out / f"{kind}-killed"
        shutil.rmtree(folder, ignore_errors=True)
        trials += 1
        for _ in range(chance.randint(1, asked.kills)):
            before = recorded(folder)
            Service.answered.clear()
            at = killed(kind, folder, reference)
            twice += len(before & set(Service.answered))
            if not at:
                break
            met[at] += 1
        before = recorded(folder)
        Service.answered.clear()
        if not (folder / "index").exists():  # an index that is there is not written again
            Run(kind, folder).ended()
        twice += len(before & set(Service.answered))
        found, expected = content(folder), reference.content
        different = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        equal += not different
        if different:
            print(f"{kind}: trial {trials} differs in {different[:5]}", flush=True)
            shutil.copytree(folder, out / f"{kind}-differs-{trials}", dirs_exist_ok=True)
    print(f"| {kind} | {len(reference.content)} | {trials} | {sum(met.values())} | {met['rows']} | {met['writing']} | {met['ending']} | {equal} |", flush=True)
    if kind in SERVED:
        print(f"{kind}: {twice} recorded answers asked for again", flush=True)
