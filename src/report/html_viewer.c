/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_viewer.h"

static const char canvas[] =
    "<div id=\"viewer\" hidden><p id=\"hint\" class=\"note\"></p>\n"
    "<p><input id=\"file\" type=\"file\" accept=\".ply\"> <span class=\"note\">drag: "
    "turn, "
    "shift-drag: move, wheel: zoom</span></p>\n"
    "<canvas id=\"points\"></canvas></div>\n";

/* Reads binary little-endian and ASCII PLY; keeps every n-th point above 2 million. */
static const char reader[] =
    "function parsePly(buffer){\n"
    " const bytes=new Uint8Array(buffer),head=new TextDecoder('latin1')"
    ".decode(bytes.subarray(0,4096));\n"
    " const mark=head.indexOf('end_header\\n');\n"
    " if(!head.startsWith('ply')||mark<0)throw new Error('not a PLY file');\n"
    " const size={char:1,uchar:1,int8:1,uint8:1,short:2,ushort:2,int16:2,uint16:2,int:4,"
    "uint:4,int32:4,uint32:4,float:4,float32:4,double:8,float64:8};\n"
    " const at={};let count=0,width=0,inside=false,index=0;\n"
    " for(const line of head.slice(0,mark).split('\\n')){const w=line.trim().split(' "
    "');\n"
    "  if(w[0]==='element'){inside=w[1]==='vertex';if(inside)count=+w[2]}\n"
    "  if(w[0]==='property'&&inside){at[w[2]]={type:w[1],offset:width,index:index++};"
    "width+=size[w[1]]}}\n"
    " const step=Math.max(1,Math.ceil(count/2e6)),kept=Math.floor((count+step-1)/step);\n"
    " const place=new Float32Array(kept*3),tint=new Uint8Array(kept*3).fill(200);\n"
    " const view=new DataView(buffer,mark+11);let rows=null;\n"
    " if(head.includes('format ascii'))rows=new TextDecoder().decode("
    "bytes.subarray(mark+11)).split('\\n');\n"
    " const read=(i,p)=>{if(rows)return +rows[i].split(' ')[p.index];const o=i*width+"
    "p.offset;\n"
    "  return size[p.type]===1?view.getUint8(o):p.type.startsWith('d')||p.type==="
    "'float64'?view.getFloat64(o,true):view.getFloat32(o,true)};\n"
    " for(let k=0;k<kept;k++){const i=k*step;\n"
    "  place[3*k]=read(i,at.x);place[3*k+1]=read(i,at.y);place[3*k+2]=read(i,at.z);\n"
    "  if(at.red){tint[3*k]=read(i,at.red);tint[3*k+1]=read(i,at.green);"
    "tint[3*k+2]=read(i,at.blue)}}\n"
    " return{place,tint,kept,count}}\n";

/* The scene is centred on medians, so that a few far points do not shrink the rest. */
static const char drawing[] =
    "const $=id=>document.getElementById(id);let gl,program,cloud=null;\n"
    "const eye={yaw:0,pitch:0,zoom:1,x:0,y:0};\n"
    "function median(place,axis){const s=[];const n=place.length/3,d=Math.max(1,"
    "Math.floor(n/20000));\n"
    " for(let i=0;i<n;i+=d)s.push(place[3*i+axis]);s.sort((a,b)=>a-b);"
    "return[s[s.length>>1],s[Math.floor(s.length*.9)]-s[Math.floor(s.length*.1)]]}\n"
    "function start(){gl=$('points').getContext('webgl');\n"
    " if(!gl)throw new Error('this browser has no WebGL');\n"
    " const make=(type,text)=>{const s=gl.createShader(type);gl.shaderSource(s,text);"
    "gl.compileShader(s);return s};\n"
    " program=gl.createProgram();\n"
    " gl.attachShader(program,make(gl.VERTEX_SHADER,'attribute vec3 p;attribute vec3 c;"
    "uniform vec3 o;uniform vec4 r;uniform vec4 v;varying vec3 k;void main(){"
    "vec3 q=(p-o)*v.x;q=vec3(q.x,-q.y,-q.z);"
    "q=vec3(r.x*q.x+r.y*q.z,q.y,r.x*q.z-r.y*q.x);"
    "q=vec3(q.x,r.z*q.y-r.w*q.z,r.w*q.y+r.z*q.z);float w=2.5-q.z;"
    "gl_Position=vec4((q.x+v.z)*1.8,(q.y+v.w)*1.8*v.y,(w-.1)*w/20.,w);"
    "gl_PointSize=clamp(3./w,1.,4.);k=c;}'));\n"
    " gl.attachShader(program,make(gl.FRAGMENT_SHADER,'precision mediump float;varying "
    "vec3 k;void main(){gl_FragColor=vec4(k,1);}'));\n"
    " gl.linkProgram(program);gl.useProgram(program);gl.enable(gl.DEPTH_TEST)}\n"
    "function fill(name,data,type,normal){gl.bindBuffer(gl.ARRAY_BUFFER,"
    "gl.createBuffer());gl.bufferData(gl.ARRAY_BUFFER,data,gl.STATIC_DRAW);\n"
    " const a=gl.getAttribLocation(program,name);gl.enableVertexAttribArray(a);"
    "gl.vertexAttribPointer(a,3,type,normal,0,0)}\n"
    "function draw(){if(!cloud)return;const c=$('points');c.width=c.clientWidth;"
    "c.height=c.clientHeight;gl.viewport(0,0,c.width,c.height);\n"
    " gl.clearColor(.09,.1,.11,1);gl.clear(gl.COLOR_BUFFER_BIT|gl.DEPTH_BUFFER_BIT);\n"
    " const u=n=>gl.getUniformLocation(program,n);gl.uniform3fv(u('o'),cloud.centre);\n"
    " gl.uniform4f(u('r'),Math.cos(eye.yaw),Math.sin(eye.yaw),Math.cos(eye.pitch),"
    "Math.sin(eye.pitch));\n"
    " gl.uniform4f(u('v'),eye.zoom/cloud.span,c.width/c.height,eye.x,eye.y);\n"
    " gl.drawArrays(gl.POINTS,0,cloud.kept)}\n";

static const char control[] =
    "function show(buffer,name){try{const read=parsePly(buffer);if(!gl)start();\n"
    "  const m=[0,1,2].map(a=>median(read.place,a));read.centre=m.map(v=>v[0]);"
    "read.span=Math.max(...m.map(v=>v[1]),1e-9)/1.2;\n"
    "  fill('p',read.place,gl.FLOAT,false);fill('c',read.tint,gl.UNSIGNED_BYTE,true);"
    "cloud=read;\n"
    "  Object.assign(eye,{yaw:0,pitch:0,zoom:1,x:0,y:0});$('hint').textContent=name+': '+"
    "read.count.toLocaleString()+' points';draw()}\n"
    " catch(e){$('hint').textContent=name+': '+e.message}}\n"
    "async function open3d(path){$('viewer').hidden=false;"
    "$('viewer').scrollIntoView();$('hint').textContent='loading '+path;\n"
    " try{if(location.protocol==='file:')throw 0;const r=await "
    "fetch(path);if(!r.ok)throw "
    "0;show(await r.arrayBuffer(),path)}\n"
    " catch(e){$('hint').textContent='A page opened from disk cannot read its "
    "neighbours: drop '+path+' here, or choose it below.'}}\n"
    "async function take(files){if(files.length)show(await files[0].arrayBuffer(),"
    "files[0].name)}\n"
    "document.querySelectorAll('button[data-cloud]').forEach(b=>b.onclick=()=>"
    "open3d(b.dataset.cloud));\n"
    "$('file').onchange=e=>take(e.target.files);\n"
    "document.ondragover=e=>e.preventDefault();\n"
    "document.ondrop=e=>{e.preventDefault();$('viewer').hidden=false;"
    "take(e.dataTransfer.files)};\n"
    "$('points').onpointermove=e=>{if(!e.buttons)return;if(e.shiftKey){"
    "eye.x+=e.movementX/400;eye.y-=e.movementY/400}else{eye.yaw+=e.movementX/200;"
    "eye.pitch+=e.movementY/200}draw()};\n"
    "$('points').onpointerdown=e=>e.target.setPointerCapture(e.pointerId);\n"
    "$('points').addEventListener('wheel',e=>{e.preventDefault();"
    "eye.zoom*=Math.exp(-e.deltaY/500);draw()},{passive:false});\n"
    "window.onresize=draw;\n";

void html_write_canvas(struct markup *html)
{
    markup_raw(html, canvas);
}

void html_write_viewer(struct markup *html)
{
    markup_raw(html, "<script>\n");
    markup_raw(html, reader);
    markup_raw(html, drawing);
    markup_raw(html, control);
    markup_raw(html, "</script>\n");
}
