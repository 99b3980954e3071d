// The way from a fresh clone to a running program: node setup.cjs start | test | check | build | bench.
// Written in the JavaScript of 2011, so that a Node too old for the rest can at least say so.
'use strict';
/* eslint-disable no-var */
var fs = require('fs');
var os = require('os');
var path = require('path');
var net = require('net');
var childProcess = require('child_process');

var root = __dirname;
var oldestNode = [20, 19];
var sources = ['demo.ts', 'demo', 'broker', 'cli', 'contract', 'simulator', 'test', 'ui', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

main(process.argv[2], process.argv.slice(3));

function main(command, args) {
  var commands = { start: start, test: test, check: check, build: noop, bench: bench };
  if (!Object.prototype.hasOwnProperty.call(commands, command)) stop('Say what to do: node setup.cjs ' + Object.keys(commands).join(' | ') + '.');
  var version = process.versions.node.split('.').map(Number);
  if (version[0] < oldestNode[0] || (version[0] === oldestNode[0] && version[1] < oldestNode[1])) {
    stop('Hanse needs Node ' + oldestNode.join('.') + ' or later; this is ' + process.versions.node + '.');
  }
  process.chdir(root);
  install(function () {
    if (command !== 'check') build();
    commands[command](args);
  });
}

function noop() {}

function start(args) {
  runProgram(path.join('dist', 'demo.js'), args);
}

function bench(args) {
  runProgram(path.join('dist', 'test', 'bench', 'main.js'), args);
}

function stop(sentence) {
  process.stderr.write(sentence + '\n');
  process.exit(1);
}

// ---- install

function install(done) {
  if (isInstalled()) return done();
  if (!isWritable()) stop('The packages cannot be installed: this account may not write in ' + root + '.');
  process.stderr.write('Installing the packages of package-lock.json (once, about a minute).\n');
  tryRegistry(function (unreachable) {
    fetchPackages(unreachable, done);
  });
}

function npm() {
  var script = process.env.npm_execpath;
  return script && /\.c?js$/.test(script) ? [process.execPath, script] : ['npm'];
}

// One connection, because npm itself would go on for minutes, package by package. Through a proxy only npm knows the way.
function tryRegistry(done) {
  var asked = childProcess.spawnSync(npm()[0], npm().slice(1).concat(['config', 'get', 'registry', 'proxy', 'https-proxy']), { cwd: root, encoding: 'utf8' });
  var registry = /^registry=(https?):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?/m.exec(asked.stdout || '');
  var isProxied = /^(https-)?proxy=(?!null$|$)/m.test(asked.stdout || '') || process.env.https_proxy || process.env.HTTPS_PROXY;
  if (!registry || isProxied) return done(null);
  var socket = net.connect({ host: registry[2].replace(/[[\]]/g, ''), port: Number(registry[3] || (registry[1] === 'https' ? 443 : 80)) });
  var limit = setTimeout(end, 5000, { code: 'ETIMEDOUT' });
  function end(error) {
    clearTimeout(limit);
    socket.removeAllListeners();
    socket.on('error', noop);
    socket.destroy();
    done(error ? error.code || 'ENETUNREACH' : null);
  }
  socket.once('error', end);
  socket.once('connect', function () {
    end();
  });
}

function fetchPackages(unreachable, done) {
  var began = Date.now();
  // without a way to the registry npm's cache may still hold everything
  var options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http', '--fetch-retries=2'].concat(unreachable ? ['--offline'] : []);
  var child = childProcess.spawn(npm()[0], npm().slice(1).concat(options), { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  var said = '';
  var fetched = 0;
  child.stderr.on('data', function (text) {
    fetched += (String(text).match(/http fetch GET 200|http cache /g) || []).length;
    said = (said + text).slice(-20000);
  });
  var ticking = setInterval(function () {
    process.stderr.write('  … ' + fetched + ' packages fetched after ' + Math.round((Date.now() - began) / 1000) + ' s\n');
  }, 5000);
  child.on('error', function (error) {
    stop('npm cannot be started (' + error.message + '): install it beside Node, or run npm ci --ignore-scripts yourself.');
  });
  child.on('close', function (code) {
    clearInterval(ticking);
    if (code !== 0 || !isInstalled()) stop(whyNotInstalled(said, unreachable));
    process.stderr.write('Installed in ' + Math.round((Date.now() - began) / 1000) + ' s.\n');
    done();
  });
}

function isWritable() {
  try {
    fs.accessSync(root, fs.constants.W_OK);
    return true;
  } catch (error) {
    return false;
  }
}

function whyNotInstalled(said, unreachable) {
  var network = unreachable
    ? [unreachable]
    : /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|ENOTCACHED/.exec(said);
  if (network) {
    return (
      'The packages cannot be fetched: there is no way to the npm registry (' +
      network[0] +
      '); connect this machine, or set a registry with npm config set registry URL.'
    );
  }
  if (/ENOSPC/.test(said)) return 'The packages cannot be installed: the disk of ' + root + ' is full.';
  var errors = said.split('\n').filter(function (line) {
    return /^npm (error|ERR!)/.test(line);
  });
  return 'The packages cannot be installed; npm says:\n' + errors.join('\n');
}

// npm writes node_modules/.package-lock.json last: what it lists is there, whole
function isInstalled() {
  try {
    var wanted = readJson('package-lock.json').packages;
    var there = readJson('node_modules/.package-lock.json').packages;
    return Object.keys(wanted).every(function (place) {
      if (place === '' || wanted[place].link) return true;
      return there[place]
        ? there[place].version === wanted[place].version && there[place].integrity === wanted[place].integrity
        : Boolean(wanted[place].optional);
    });
  } catch (error) {
    return false;
  }
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(path.resolve(root, file), 'utf8'));
}

// ---- build

function build() {
  var built = changedAt(path.join('dist', '.built'));
  var isFresh = sources.every(function (source) {
    return newestIn(source) <= built;
  });
  if (isFresh) return;
  if (!isWritable()) stop('The program cannot be built: this account may not write in ' + root + '.');
  process.stderr.write('Building.\n');
  // Types are the work of npm run check. Made beside the old one, then put in place by rename: a running program keeps its files until then.
  var part = '.dist-' + process.pid;
  var began = new Date();
  var made = runTool(['typescript', 'tsc'], ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', part]);
  if (made !== 0 || !buildPage(part)) {
    removeTree(part);
    stop('The build failed; what is wrong is above.');
  }
  try {
    fs.writeFileSync(path.join(part, '.built'), '');
    fs.utimesSync(path.join(part, '.built'), began, began);
    var old = '.dist-old-' + process.pid;
    putInPlace(part, old, 3);
    removeTree(old);
  } catch (error) {
    stop('The build cannot be put into ' + path.join(root, 'dist') + ': ' + error.message + '.');
  }
}

// The web page, into the same new folder; taken over from the old one while nothing of it changed.
function buildPage(part) {
  var old = path.join('dist', 'ui');
  var built = changedAt(path.join(old, '.built'));
  var isFresh = ['ui', 'contract', 'package-lock.json'].every(function (source) {
    return newestIn(source) <= built;
  });
  if (isFresh) {
    fs.cpSync(old, path.join(part, 'ui'), { recursive: true, preserveTimestamps: true });
    return true;
  }
  var began = new Date();
  // a test that builds it gets the page that everybody gets
  process.env.NODE_ENV = 'production';
  var made = runTool(['vite', 'vite'], ['build', 'ui', '--outDir', path.resolve(part, 'ui'), '--emptyOutDir', '--logLevel', 'warn']);
  if (made !== 0) return false;
  fs.writeFileSync(path.join(part, 'ui', '.built'), '');
  fs.utimesSync(path.join(part, 'ui', '.built'), began, began);
  return true;
}

// tried again, because somebody else may put his build in place at the same moment
function putInPlace(part, old, tries) {
  try {
    if (fs.existsSync('dist')) fs.renameSync('dist', old);
    fs.renameSync(part, 'dist');
  } catch (error) {
    if (tries === 0) throw error;
    removeTree(old);
    putInPlace(part, old, tries - 1);
  }
}

function removeTree(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
}

function changedAt(file) {
  try {
    return fs.statSync(file).mtime.getTime();
  } catch (error) {
    return 0;
  }
}

function newestIn(place) {
  if (!fs.existsSync(place) || !fs.statSync(place).isDirectory()) return changedAt(place);
  // the folder itself too: its time changes when a file is removed
  return fs.readdirSync(place).reduce(function (newest, name) {
    return Math.max(newest, newestIn(path.join(place, name)));
  }, changedAt(place));
}

// ---- run

function runProgram(file, args) {
  if (!fs.existsSync(file)) stop('There is no ' + file + ' after the build.');
  var child = childProcess.spawn(process.execPath, ['--enable-source-maps', file].concat(args), { stdio: 'inherit' });
  // Ctrl-C reaches the whole group; the program ends its work first, and this one after it
  process.on('SIGINT', noop);
  ['SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on('close', function (code, signal) {
    process.exit(signal ? 128 + (os.constants.signals[signal] || 0) : code);
  });
}

function tool(names) {
  var manifest = readJson(path.join('node_modules', names[0], 'package.json'));
  var bin = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[names[1]];
  return path.join('node_modules', names[0], bin);
}

function runTool(names, args) {
  var done = childProcess.spawnSync(process.execPath, [tool(names)].concat(args), { stdio: 'inherit' });
  return done.status === null ? 1 : done.status;
}

// ---- test

function test(args) {
  // real clusters are used only where they are named: npm test needs Node alone
  if (process.env.HANSE_LAB === undefined) process.env.HANSE_LAB = '';
  var report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'hanse-report-')), 'report.json');
  var status = runTool(['vitest', 'vitest'], ['run', '--reporter=default', '--reporter=json', '--outputFile.json=' + report].concat(args));
  var counts = countsOf(report);
  removeTree(path.dirname(report));
  if (status !== 0 && counts.failed === 0) {
    process.stdout.write('The run itself failed outside of any test; what went wrong is above.\n');
    counts.failed = 1;
  }
  counts.skippedNames.forEach(function (name) {
    process.stdout.write('skipped: ' + name + '\n');
  });
  process.stdout.write(counts.passed + ' passed, ' + counts.failed + ' failed, ' + counts.skipped + ' skipped\n');
  process.exitCode = status !== 0 || counts.passed === 0 ? 1 : 0;
}

function countsOf(report) {
  var counts = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };
  var files = [];
  try {
    files = readJson(report).testResults;
  } catch (error) {
    return counts;
  }
  files.forEach(function (file) {
    var failedBefore = counts.failed;
    file.assertionResults.forEach(function (result) {
      if (result.status === 'passed') counts.passed += 1;
      else if (result.status === 'failed') counts.failed += 1;
      else {
        counts.skipped += 1;
        counts.skippedNames.push(path.relative(root, file.name) + ': ' + result.fullName);
      }
    });
    // a file that does not load, a hook that fails
    if (file.status === 'failed' && counts.failed === failedBefore) counts.failed += 1;
  });
  return counts;
}

// ---- check

function check() {
  var checks = [
    ['types', ['typescript', 'tsc'], ['-p', 'tsconfig.json', '--noEmit']],
    ['pure', ['typescript', 'tsc'], ['-p', 'tsconfig.pure.json']],
    ['page types', ['typescript', 'tsc'], ['-p', 'ui/tsconfig.json']],
    ['lint and layers', ['oxlint', 'oxlint'], []],
    ['format', ['oxfmt', 'oxfmt'], ['--check', '.']],
    ['unused', ['knip', 'knip'], ['--no-progress']]
  ];
  var failed = checks.filter(function (one) {
    process.stdout.write('── ' + one[0] + '\n');
    return runTool(one[1], one[2]) !== 0;
  });
  var names = failed.map(function (one) {
    return one[0];
  });
  process.stdout.write(names.length === 0 ? 'All checks hold: ' + checks.length + '.\n' : 'These checks fail: ' + names.join(', ') + '.\n');
  process.exitCode = names.length === 0 ? 0 : 1;
}
