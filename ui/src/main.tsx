import './jitless.ts';
import './style.css';
import './map.css';
import './views.css';
import './offer/offer.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { startLive } from './live.ts';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(<App />);
  startLive();
}
